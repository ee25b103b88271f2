import { Connections } from '../src/core/steps.ts';
import { useFetched } from './fetched.ts';

/** Renders the connected WebSocket clients. */
export function ConnectionsPane({ version }: { version: string | undefined }) {
  const { value: connections = [], error } = useFetched('/_local/connections', Connections, version);
  return (
    <section class="pane wide" aria-labelledby="connections-title">
      <header>
        <h2 id="connections-title">Connections</h2>
        <a href="/_local/connections">as JSON</a>
      </header>
      <div class="content">
        {error !== undefined && <p class="error">{error}</p>}
        {connections.length === 0 ? (
          <p class="hint">
            No client is connected. Open the web page, or <code>npx wscat -c ws://{location.host}</code>
          </p>
        ) : (
          <table>
            <thead>
              <tr>
                <th scope="col">connection</th>
                <th scope="col">since</th>
                <th scope="col">connected with</th>
              </tr>
            </thead>
            <tbody>
              {connections.map(({ connectionId, connectedAt, query }) => (
                <tr key={connectionId}>
                  <th scope="row">{connectionId}</th>
                  <td>{new Date(connectedAt).toLocaleTimeString()}</td>
                  <td>{new URLSearchParams(query).toString() || 'no parameters'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

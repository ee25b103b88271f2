import { useState } from 'preact/hooks';
import { hopName } from '../src/core/hop.ts';
import type { Architecture, HopTraffic, TrafficReport } from '../src/core/steps.ts';
import type { Connection, Picture } from './architecture-layout.ts';
import { durationText } from './duration.ts';
import type { Fetched } from './fetched.ts';
import { connectionOf, errorRate, sortedTraffic, type TrafficColumn, trafficLabels } from './hop-traffic.ts';
import { linkTo } from './selection.ts';

const number = new Intl.NumberFormat('en');

interface Column {
  name: TrafficColumn;
  text: string;
  value: (hop: HopTraffic) => string;
}

const columns: readonly Column[] = [
  { name: 'passed', text: 'ended', value: ({ passed }) => number.format(passed) },
  { name: 'running', text: 'running', value: ({ running }) => number.format(running) },
  { name: 'failed', text: 'failed', value: ({ failed }) => number.format(failed) },
  { name: 'errors', text: 'error rate', value: (hop) => rateText(hop) },
  { name: 'p50', text: 'p50', value: ({ p50 }) => tookText(p50) },
  { name: 'p99', text: 'p99', value: ({ p99 }) => tookText(p99) },
];

/** Renders the figures of every hop in the last minutes as a table, sorted by a column. */
export function Overview({
  traffic: { value: report, error },
  isRecording,
  architecture,
  picture,
}: {
  traffic: Fetched<TrafficReport>;
  isRecording: boolean;
  architecture: Architecture | undefined;
  picture: Picture | undefined;
}) {
  const [sortedBy, setSortedBy] = useState<TrafficColumn>('errors');
  const hops = sortedTraffic(report?.hops ?? [], sortedBy);
  const heading = (name: TrafficColumn, text: string) => (
    <th
      key={name}
      scope="col"
      aria-sort={name !== sortedBy ? 'none' : name === 'hop' ? 'ascending' : 'descending'}
    >
      <button type="button" onClick={() => setSortedBy(name)}>
        {text}
      </button>
    </th>
  );
  return (
    <section class="pane wide" aria-labelledby="overview-title">
      <header>
        <h2 id="overview-title">Overview{report && `: the last ${durationText(report.window)}`}</h2>
        <a href="/_local/flow/traffic">as JSON</a>
      </header>
      <div class="content">
        {error !== undefined && <p class="error">{error}</p>}
        {report && hops.length === 0 ? (
          <p class="hint">
            {isRecording
              ? `Nothing has passed in the last ${durationText(report.window)}.`
              : 'Recording is off. Start without --no-flow to count what passes.'}
          </p>
        ) : (
          <table class="traffic">
            <thead>
              <tr>
                {heading('hop', 'hop')}
                {columns.map(({ name, text }) => heading(name, text))}
              </tr>
            </thead>
            <tbody>
              {hops.map((hop) => (
                <TrafficRow
                  key={`${hopName(hop.hop)} ${hop.from} ${hop.to}`}
                  hop={hop}
                  connection={picture && connectionOf(picture, hop)}
                  architecture={architecture}
                />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

function TrafficRow({
  hop,
  connection,
  architecture,
}: {
  hop: HopTraffic;
  connection: Connection | undefined;
  architecture: Architecture | undefined;
}) {
  const labels = architecture && trafficLabels(architecture, hop);
  return (
    <tr>
      <th scope="row" title={hopName(hop.hop)}>
        {connection ? (
          <a href={linkTo({ connection: connection.key })}>{connection.label}</a>
        ) : (
          (labels?.nodes ?? hopName(hop.hop))
        )}{' '}
        <small>{labels?.edge}</small>
      </th>
      {columns.map(({ name: column, value }) => (
        <td
          key={column}
          class={hop.failed > 0 && ['failed', 'errors'].includes(column) ? 'failed' : undefined}
        >
          {value(hop)}
        </td>
      ))}
    </tr>
  );
}

function rateText(hop: HopTraffic): string {
  const percent = errorRate(hop) * 100;
  return `${Number(percent.toFixed(percent < 10 ? 1 : 0))} %`;
}

function tookText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return ms < 1 ? '< 1 ms' : durationText(ms);
}

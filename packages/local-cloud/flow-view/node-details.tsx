import { NodeContents, type NodeStep, type TextTable } from '../src/core/node-contents.ts';
import type { ArchitectureNode, NodeKind } from '../src/core/steps.ts';
import { counted } from './counted.ts';
import { durationText } from './duration.ts';
import { useFetched } from './fetched.ts';
import { Inspector } from './inspector.tsx';
import { jsonText } from './json-text.ts';
import { labelOf } from './node-labels.ts';
import { PatternTester } from './pattern-tester.tsx';
import { linkTo } from './selection.ts';
import { TableItemsPane } from './table-items-pane.tsx';

/** What the steps at a node are, in the plural; `steps` if absent. */
const stepTexts: Partial<Record<NodeKind, string>> = {
  function: 'runs',
  bus: 'events',
  rule: 'events and deliveries',
  table: 'calls',
  queue: 'messages that arrived',
};

/** Renders what is in a node of the picture, and what has passed there last. */
export function NodeDetails({
  node,
  trace,
  version,
}: {
  node: ArchitectureNode;
  /** The trace that is shown. */
  trace: string | undefined;
  version: string | undefined;
}) {
  const path = `/_local/flow/nodes/${encodeURIComponent(node.id)}`;
  const { value, error } = useFetched(path, NodeContents, version);
  return (
    <Inspector
      shown={node.id}
      title={labelOf(node)}
      closed={linkTo({ ...(trace !== undefined && { trace }) })}
    >
      {error !== undefined && <p class="error">{error}</p>}
      {value && (
        <>
          {value.facts.length > 0 && (
            <dl>
              {value.facts.map(({ name, value: text }) => (
                <div class="fact" key={name}>
                  <dt>{name}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          )}
          {node.kind === 'queue' && <a href={linkTo({ tab: 'queues' })}>Redrive or delete the messages</a>}
          {node.kind === 'mail' && <a href={linkTo({ tab: 'inbox' })}>Show the inbox</a>}
          {node.kind === 'client' && <a href={linkTo({ tab: 'connections' })}>Show the connections</a>}
          {value.pattern !== undefined && (
            <>
              <details open>
                <summary>Pattern</summary>
                <pre>{jsonText(value.pattern)}</pre>
              </details>
              <PatternTester key={node.id} path={`${path}/test`} newest={value.event} />
            </>
          )}
          {node.kind === 'function' && <Steps value={value} />}
          {value.tables.map((table) => (
            <Table key={table.title} table={table} />
          ))}
          {node.kind === 'table' && <TableItemsPane key={node.id} path={`${path}/items`} />}
          {node.kind !== 'function' && <Steps value={value} />}
        </>
      )}
    </Inspector>
  );
}

function Table({ table: { title, columns, rows } }: { table: TextTable }) {
  return (
    <details open>
      <summary>{title}</summary>
      {rows.length === 0 ? (
        <p class="note">none</p>
      ) : (
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.join()}>
                {row.map((text, index) => (
                  <td key={columns[index]}>{text}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function Steps({ value: { kind, counts, steps } }: { value: NodeContents }) {
  return (
    <section aria-label="Recent">
      <h3>
        {counts.steps} {stepTexts[kind] ?? 'steps'} in the kept traces
        {counts.failed > 0 && <b class="failed">, {counts.failed} failed</b>}
      </h3>
      {counts.steps > steps.length && <p class="note">The newest {steps.length}:</p>}
      <ol class="node-steps">
        {steps.map((step) => (
          <li key={step.step}>
            <StepAtNode step={step} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function StepAtNode({
  step: { trace, title, step, text, startedAt, endedAt, outcome, error, logs },
}: {
  step: NodeStep;
}) {
  return (
    <>
      <a href={linkTo({ trace, step })}>{text}</a>
      <p class="note">
        <time dateTime={new Date(startedAt).toISOString()}>{new Date(startedAt).toLocaleTimeString()}</time>{' '}
        <b class={outcome.replace(' ', '-')}>{outcome}</b>
        {endedAt !== undefined && `, ${durationText(endedAt - startedAt)}`}, {title}
      </p>
      {error !== undefined && <p class="error">{error}</p>}
      {logs.length > 0 && (
        <details>
          <summary>{counted(logs.length, 'line')} of its log</summary>
          <pre>{logs.join('\n')}</pre>
        </details>
      )}
    </>
  );
}

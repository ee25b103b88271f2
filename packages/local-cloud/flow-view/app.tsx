import { useMemo, useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { Architecture, type ExampleRequest, SendTargets, Trace } from '../src/core/steps.ts';
import { ActiveFault } from './active-faults.ts';
import { architecturePicture, wayOfRequest } from './architecture-layout.ts';
import { ArchitecturePicture } from './architecture-picture.tsx';
import { ConnectionsPane } from './connections-pane.tsx';
import { nodeOfQueue, Queues } from './dead-letters.ts';
import { ExampleButton, exampleCommand } from './example-request.tsx';
import { ActiveFaults } from './faults-panel.tsx';
import { useFetched } from './fetched.ts';
import { useFollowedTrace } from './followed-trace.ts';
import { HopDetails } from './hop-details.tsx';
import { InboxPane } from './inbox-pane.tsx';
import { type LiveTraces, useLiveTraces } from './live-traces.ts';
import { labelOf, stepText } from './node-labels.ts';

import { QueuesPane } from './queues-pane.tsx';
import { useSelection } from './selected.ts';
import { linkTo, TABS, type Tab } from './selection.ts';
import { StepDetails } from './step-details.tsx';
import { useTicks } from './ticks.ts';
import { Timeline } from './timeline.tsx';
import { TraceList } from './trace-list.tsx';

const REFRESH_MS = 2_000;
const ActiveFaultList = z.array(ActiveFault);

const tabTexts: Record<Tab, string> = {
  traces: 'Traces',
  queues: 'Queues',
  inbox: 'Inbox',
  connections: 'Connections',
};

/** The flow view: the architecture, the traces of what passes through it, and one of them in full. */
export function App() {
  const selection = useSelection();
  const live = useLiveTraces();
  const { value: architecture } = useFetched('/_local/flow/architecture', Architecture, live.state);
  const example = architecture?.example;
  const followed = useFollowedTrace(live.traces, example);
  const shown = selection.trace ?? followed;
  const summary = live.traces.find(({ trace }) => trace === shown);
  const ticks = useTicks(REFRESH_MS);
  const [faultChanges, setFaultChanges] = useState(0);
  const [everything, setEverything] = useState(false);

  const { value: targets = [] } = useFetched('/_local/flow/targets', SendTargets, live.state);
  const { value: faults = [] } = useFetched('/_local/faults', ActiveFaultList, `${ticks} ${faultChanges}`);
  const { value: queues = [] } = useFetched(
    '/_local/dead-letters',
    Queues,
    `${ticks} ${summary?.deadLetters}`,
  );
  const tracePath = shown && `/_local/flow/traces/${encodeURIComponent(shown)}`;
  const { value: trace, error: traceError } = useFetched(tracePath, Trace, summary);

  const picture = useMemo(
    () =>
      architecture &&
      architecturePicture(everything || !example ? architecture : wayOfRequest(architecture, example)),
    [architecture, everything, example],
  );
  const labels = useMemo(
    () => new Map(architecture?.nodes.map((node) => [node.id, labelOf(node)])),
    [architecture],
  );
  const nodes = architecture?.nodes ?? [];
  const waiting = new Map(
    queues.map(({ queue, messages }) => [nodeOfQueue(queue, nodes)?.id ?? queue, messages.length]),
  );
  const steps = trace?.steps ?? [];
  const connections = picture ? [...picture.lines, ...picture.nodes.flatMap(({ attached }) => attached)] : [];
  const connection = connections.find(({ key }) => key === selection.connection);
  const step = steps.find(({ id }) => id === selection.step);
  const onFaultsChange = (): void => setFaultChanges((count) => count + 1);
  const deadLetters = queues.reduce((count, { messages }) => count + messages.length, 0);

  return (
    <>
      <header class="top">
        <h1>Flow view</h1>
        <LiveState state={live.state} />
        {example && <ExampleButton example={example} />}
        {faults.length > 0 && (
          <details class="faults-on">
            <summary>
              {faults.length} {faults.length === 1 ? 'fault' : 'faults'} on
            </summary>
            <ActiveFaults faults={faults} onChange={onFaultsChange} />
          </details>
        )}
        <nav aria-label="Views">
          {TABS.map((tab) => (
            <a key={tab} href={linkTo({ tab })} aria-current={tab === selection.tab ? 'page' : undefined}>
              {tabTexts[tab]}
              {tab === 'queues' && deadLetters > 0 && <b class="letters">{deadLetters}</b>}
            </a>
          ))}
        </nav>
      </header>
      <main>
        <section class="architecture" aria-label="Architecture">
          <div class="canvas">
            {picture && (
              <ArchitecturePicture
                picture={picture}
                trace={shown}
                steps={steps}
                faults={faults}
                waiting={waiting}
                selection={selection}
              />
            )}
          </div>
          <Legend example={example} everything={everything} onEverything={setEverything} />
        </section>
        {selection.tab === 'queues' && <QueuesPane queues={queues} nodes={nodes} targets={targets} />}
        {selection.tab === 'inbox' && <InboxPane version={ticks} />}
        {selection.tab === 'connections' && <ConnectionsPane version={ticks} />}
        {selection.tab === 'traces' && (
          <div class="panes">
            <TraceList traces={live.traces} shown={shown} follows={selection.trace === undefined} />
            <section class="pane chosen" aria-labelledby="chosen-title">
              <header>
                <h2 id="chosen-title">{trace?.title ?? 'The trace'}</h2>
                {trace?.createdId !== undefined && <span class="created-id">{trace.createdId}</span>}
              </header>
              {traceError !== undefined && <p class="error">{traceError}</p>}
              {trace ? (
                <Timeline trace={trace} labels={labels} selected={selection.step} />
              ) : (
                shown === undefined && (
                  <NothingYet example={example} isRecording={architecture?.recording ?? true} />
                )
              )}
            </section>
            {connection ? (
              <HopDetails
                connection={connection}
                trace={shown}
                steps={steps}
                faults={faults}
                onFaultsChange={onFaultsChange}
              />
            ) : (
              trace &&
              step && (
                <StepDetails
                  trace={trace.trace}
                  step={step}
                  text={stepText(step, labels)}
                  beganAt={trace.startedAt}
                  contentsDropped={trace.contentsDropped}
                  targets={targets}
                />
              )
            )}
          </div>
        )}
      </main>
    </>
  );
}

function LiveState({ state }: { state: LiveTraces['state'] }) {
  return (
    <span class={`live ${state}`} role="status">
      {state === 'reconnecting' ? 'The local cloud does not answer; trying again' : state}
    </span>
  );
}

function NothingYet({ example, isRecording }: { example: ExampleRequest | undefined; isRecording: boolean }) {
  if (!isRecording) {
    return (
      <p class="hint">
        Nothing is recorded. Start without <code>--no-flow</code> to see what passes.
      </p>
    );
  }
  return (
    <div class="nothing">
      {example ? (
        <>
          <p>
            <b>No {example.name} has passed yet.</b> Send an example by the button above, or your own:
          </p>
          <pre>{exampleCommand(example)}</pre>
        </>
      ) : (
        <p>
          <b>Nothing has passed yet.</b>
        </p>
      )}
      <p>
        Its way lights up in the picture, step by step, and here is what happened when. A hop that you click
        can be made to fail; a click on a step shows what was passed on.
      </p>
    </div>
  );
}

function Legend({
  example,
  everything,
  onEverything,
}: {
  example: ExampleRequest | undefined;
  everything: boolean;
  onEverything: (everything: boolean) => void;
}) {
  return (
    <div class="legend">
      <span>
        <i class="tray" /> dead-letter queue
      </span>
      <span>
        <i class="read" /> table that is read
      </span>
      <span>
        <i class="runs" /> runs from its own queue
      </span>
      <span>click a hop: its figures, and faults to switch on</span>
      {example && (
        <label>
          <input
            type="checkbox"
            checked={everything}
            onChange={({ currentTarget }) => onEverything(currentTarget.checked)}
          />
          show all, not only the way of a {example.name}
        </label>
      )}
    </div>
  );
}

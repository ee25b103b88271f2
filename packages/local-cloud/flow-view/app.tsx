import { useMemo, useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { Architecture, SendTargets, Trace } from '../src/core/steps.ts';
import { ActiveFault } from './active-faults.ts';
import { architecturePicture, wayOfRequest } from './architecture-layout.ts';
import { ArchitecturePicture } from './architecture-picture.tsx';
import { ConnectionsPane } from './connections-pane.tsx';
import { Queues, waitingMessages } from './dead-letters.ts';
import { useFetched } from './fetched.ts';
import { useFollowedTrace } from './followed-trace.ts';
import { InboxPane } from './inbox-pane.tsx';
import { Legend } from './legend.tsx';
import { useLiveTraces } from './live-traces.ts';
import { MetricsStrip } from './metrics-strip.tsx';
import { QueuesPane } from './queues-pane.tsx';
import { useSelection } from './selected.ts';
import { useTicks } from './ticks.ts';
import { TopBar } from './top-bar.tsx';
import { TracesTab } from './traces-tab.tsx';

const REFRESH_MS = 2_000;
const ActiveFaultList = z.array(ActiveFault);

/** Renders the flow view: the architecture, the list of traces, and one trace in detail. */
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
  const queuesVersion = `${ticks} ${summary?.deadLetters}`;
  const { value: queues = [] } = useFetched('/_local/dead-letters', Queues, queuesVersion);
  const tracePath = shown && `/_local/flow/traces/${encodeURIComponent(shown)}`;
  const { value: trace, error: traceError } = useFetched(tracePath, Trace, summary);

  const picture = useMemo(
    () =>
      architecture &&
      architecturePicture(everything || !example ? architecture : wayOfRequest(architecture, example)),
    [architecture, everything, example],
  );
  const nodes = architecture?.nodes ?? [];
  const steps = trace?.steps ?? [];
  const onFaultsChange = (): void => setFaultChanges((count) => count + 1);

  return (
    <>
      <TopBar
        state={live.state}
        example={example}
        faults={faults}
        onFaultsChange={onFaultsChange}
        selected={selection.tab}
        queues={queues}
      />
      <MetricsStrip version={ticks} />
      <main>
        <section class="architecture" aria-label="Architecture">
          <div class="canvas">
            {picture && (
              <ArchitecturePicture
                picture={picture}
                trace={shown}
                steps={steps}
                faults={faults}
                waiting={waitingMessages(queues, nodes)}
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
          <TracesTab
            traces={live.traces}
            shown={shown}
            trace={trace}
            traceError={traceError}
            selection={selection}
            picture={picture}
            faults={faults}
            onFaultsChange={onFaultsChange}
            targets={targets}
            architecture={architecture}
          />
        )}
      </main>
    </>
  );
}

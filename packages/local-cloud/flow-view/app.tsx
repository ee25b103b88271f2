import * as z from 'zod/mini';
import { AllQueueContents } from '../src/core/queue-contents.ts';
import { Architecture, SendTargets, Trace, TrafficReport } from '../src/core/steps.ts';
import { ActiveFault } from './active-faults.ts';
import { ArchitecturePicture } from './architecture-picture.tsx';
import { ConnectionsPane } from './connections-pane.tsx';
import { waitingMessages } from './dead-letters.ts';
import { DisplayMode, display } from './display-mode.tsx';
import { useDrawnPicture } from './drawn-picture.ts';
import { useFetched } from './fetched.ts';
import { useFollowedTrace } from './followed-trace.ts';
import { InboxPane } from './inbox-pane.tsx';
import { useListedTraces } from './listed-traces.ts';
import { useLiveChanges } from './live-changes.ts';
import { MetricsStrip } from './metrics-strip.tsx';
import { Overview } from './overview.tsx';
import { usePageOptions } from './page-options.ts';
import { PicturePane } from './picture-pane.tsx';
import { QueuesPane } from './queues-pane.tsx';
import { useSelection } from './selected.ts';
import { SkipLinks } from './skip-links.tsx';
import { TopBar } from './top-bar.tsx';
import { TracesTab } from './traces-tab.tsx';
import { TrafficCaption } from './traffic-caption.tsx';

const ActiveFaultList = z.array(ActiveFault);
const TRAFFIC = '/_local/flow/traffic';

/** Renders the flow view: the architecture, the list of traces, and one trace in detail. */
export function App() {
  const selection = useSelection();
  const [options, setOptions] = usePageOptions();
  const { state, version } = useLiveChanges();
  // The architecture and the targets change only with a restart.
  const restarts = version('restarts');
  const { value: architecture } = useFetched('/_local/flow/architecture', Architecture, restarts);
  const { value: targets = [] } = useFetched('/_local/flow/targets', SendTargets, restarts);
  const listed = useListedTraces(options, version('traces'));
  const { example, recording: isRecording = true } = architecture ?? {};
  const followed = useFollowedTrace(listed.traces[0]?.trace);
  const shown = selection.trace ?? followed;
  const { picture, ...drawing } = useDrawnPicture(architecture);
  const { value: faults = [] } = useFetched('/_local/faults', ActiveFaultList, version('faults'));
  const { value: queues = [] } = useFetched('/_local/flow/queues', AllQueueContents, version('dead-letters'));
  const tracePath = shown && `/_local/flow/traces/${encodeURIComponent(shown)}`;
  const { value: trace, error: traceError } = useFetched(tracePath, Trace, shown && version(shown));
  const isOverview = selection.tab === 'overview';
  const traffic = useFetched(isOverview ? TRAFFIC : undefined, TrafficReport, version('traffic'));
  const canvas = picture && (
    <ArchitecturePicture
      picture={picture}
      trace={shown}
      steps={trace?.steps ?? []}
      traffic={isOverview ? (traffic.value?.hops ?? []) : undefined}
      faults={faults}
      waiting={waitingMessages(queues)}
      selection={selection}
    />
  );
  if (options.display) {
    return (
      <DisplayMode onOptions={setOptions}>
        {canvas}
        {isOverview ? <TrafficCaption report={traffic.value} example={example} /> : trace?.title}
      </DisplayMode>
    );
  }

  return (
    <>
      {selection.tab === 'traces' && <SkipLinks />}
      <TopBar
        state={state}
        example={example}
        faults={faults}
        selection={selection}
        queues={queues}
        emails={version('emails')}
        onDisplay={() => display(setOptions)}
      />
      <MetricsStrip version={version('metrics')} />
      <main>
        <PicturePane example={example} picture={picture} {...drawing}>
          {canvas}
        </PicturePane>
        {isOverview && <Overview {...{ architecture, isRecording, picture, traffic }} />}
        {selection.tab === 'queues' && <QueuesPane queues={queues} targets={targets} />}
        {selection.tab === 'inbox' && <InboxPane version={version('emails')} selected={selection.mail} />}
        {selection.tab === 'connections' && <ConnectionsPane version={version('connections')} />}
        {selection.tab === 'traces' && (
          <TracesTab
            listed={listed}
            options={options}
            onOptions={setOptions}
            shown={shown}
            trace={trace}
            traceError={traceError}
            selection={selection}
            picture={picture}
            faults={faults}
            targets={targets}
            architecture={architecture}
            version={version('traces')}
          />
        )}
      </main>
    </>
  );
}

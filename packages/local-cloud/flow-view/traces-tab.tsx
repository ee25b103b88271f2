import { useMemo } from 'preact/hooks';
import type { Architecture, ExampleRequest, SendTarget, Trace } from '../src/core/steps.ts';
import type { ActiveFault } from './active-faults.ts';
import { connectionAt, type Picture } from './architecture-layout.ts';
import { CopyButton } from './copy-button.tsx';
import { Divider, type PaneSize, usePaneSize } from './divider.tsx';
import { exampleCommand } from './example-request.tsx';
import { HopDetails } from './hop-details.tsx';
import type { ListedTraces } from './listed-traces.ts';
import { NodeDetails } from './node-details.tsx';
import { labelOf, stepText } from './node-labels.ts';
import { isFiltered, type PageOptions } from './page-options.ts';
import type { Selection } from './selection.ts';
import { commandOf } from './step-command.ts';
import { StepDetails } from './step-details.tsx';
import { Timeline } from './timeline.tsx';
import { TraceList } from './trace-list.tsx';

/** Renders the list of traces, one trace in detail, and the selected part of it. */
export function TracesTab({
  listed,
  options,
  onOptions,
  shown,
  trace,
  traceError,
  selection,
  architecture,
  picture,
  faults,
  targets,
  version,
}: {
  listed: ListedTraces;
  options: PageOptions;
  onOptions: (changed: Partial<PageOptions>) => void;
  /** The ID of the trace that is shown. */
  shown: string | undefined;
  trace: Trace | undefined;
  traceError: string | undefined;
  selection: Selection;
  architecture: Architecture | undefined;
  picture: Picture | undefined;
  faults: readonly ActiveFault[];
  targets: readonly SendTarget[];
  /** Differs when any trace has changed. */
  version: string | undefined;
}) {
  const labels = useMemo(
    () => new Map(architecture?.nodes.map((node) => [node.id, labelOf(node)])),
    [architecture],
  );
  const connection = picture && connectionAt(picture, selection.connection);
  const node = architecture?.nodes.find(({ id }) => id === selection.node);
  const steps = trace?.steps ?? [];
  const step = steps.find(({ id }) => id === selection.step);
  const list = usePaneSize('the list of traces', { least: 180, most: 560, usual: 280 });
  const inspector = usePaneSize('the details', { least: 240, most: 900, usual: 330 });
  return (
    <div class="panes" style={{ '--traces': widthOf(list), '--inspector': widthOf(inspector) }}>
      <TraceList
        listed={listed}
        shown={shown}
        follows={selection.trace === undefined}
        options={options}
        onOptions={onOptions}
        example={architecture?.example}
      />
      <Divider pane={list} side="right" />
      <section class="pane chosen" aria-labelledby="chosen-title">
        <header>
          <h2 id="chosen-title">{trace?.title ?? 'The trace'}</h2>
          {trace?.createdId !== undefined && (
            <span class="created-id">
              {trace.createdId} <CopyButton label="Copy ID" text={trace.createdId} />
            </span>
          )}
        </header>
        {traceError !== undefined && (
          <p class="error">{trace ? `${traceError} Below is what was read of it before.` : traceError}</p>
        )}
        {trace ? (
          <Timeline trace={trace} labels={labels} selected={selection.step} />
        ) : (
          shown === undefined &&
          !isFiltered(options) && (
            <NothingYet example={architecture?.example} isRecording={architecture?.recording ?? true} />
          )
        )}
      </section>
      {(node ?? connection ?? step) && <Divider pane={inspector} side="left" />}
      {node ? (
        <NodeDetails node={node} trace={shown} version={version} />
      ) : connection ? (
        <HopDetails connection={connection} labels={labels} trace={shown} steps={steps} faults={faults} />
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
            command={architecture && commandOf(step, steps, architecture.endpoints)}
          />
        )
      )}
    </div>
  );
}

function widthOf({ size, usual }: PaneSize): string {
  return `${size ?? usual}px`;
}

function NothingYet({ example, isRecording }: { example: ExampleRequest | undefined; isRecording: boolean }) {
  if (!isRecording) {
    return (
      <p class="hint">
        Recording is off. Start without <code>--no-flow</code> to record traces.
      </p>
    );
  }
  return (
    <div class="nothing">
      {example ? (
        <>
          <p>
            <b>No {example.name} has passed yet.</b> Send an example with the button above, or your own:
          </p>
          <pre>{exampleCommand(example)}</pre>
        </>
      ) : (
        <p>
          <b>Nothing has passed yet.</b>
        </p>
      )}
      <p>
        Its path lights up in the picture step by step, and its timeline appears here. Click a hop to inject a
        fault there, or a step to see its payload.
      </p>
    </div>
  );
}

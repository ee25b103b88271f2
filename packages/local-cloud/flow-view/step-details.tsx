import type { ComponentChildren } from 'preact';
import { hopName } from '../src/core/hop.ts';
import type { SendTarget, Step, StepKind } from '../src/core/steps.ts';
import { CopyButton } from './copy-button.tsx';
import { durationText } from './duration.ts';
import { Inspector } from './inspector.tsx';
import { JsonStructure } from './json-structure.tsx';
import { jsonText } from './json-text.ts';
import { linkTo } from './selection.ts';
import { SendAgain } from './send-again.tsx';
import { isSendable, payloadToSend, targetOf } from './send-target.ts';
import type { StepCommand } from './step-command.ts';

const kindTexts: Record<StepKind, string> = {
  request: 'A request',
  run: 'A run of a function',
  call: 'A call of a service',
  event: 'A rule matches an event',
  delivery: 'A rule delivers an event',
  stream: 'A change is read from the stream',
  'dead-letter': 'A dead letter',
  mail: 'A mail',
  message: 'A message to a client',
  unmatched: 'A rule does not match an event',
  unwanted: 'No rule matches an event',
};

/** Renders the details of a step of a trace. */
export function StepDetails({
  trace,
  step,
  text,
  beganAt,
  contentsDropped,
  targets,
  command,
}: {
  trace: string;
  step: Step;
  /** The name of the step in the timeline. */
  text: string;
  /** When the trace began. */
  beganAt: number;
  contentsDropped: boolean;
  targets: readonly SendTarget[];
  /** The command that sends the request of the step again, if there is one. */
  command: StepCommand | undefined;
}) {
  const { id, kind, hop, startedAt, endedAt, error, attempt, faults = [], why, logs = [] } = step;
  return (
    <Inspector shown={id} title={kindTexts[kind]} closed={linkTo({ trace })}>
      <p>{text}</p>
      <dl>
        <Fact name="hop">
          <span class="hop">{hopName(hop)}</span>
        </Fact>
        <Fact name="outcome">
          <OutcomeOf step={step} />
          {attempt > 1 && `, attempt ${attempt}`}
        </Fact>
        <Fact name="began">{durationText(startedAt - beganAt)} after the first</Fact>
        {endedAt !== undefined && <Fact name="took">{durationText(endedAt - startedAt)}</Fact>}
        {error !== undefined && <Fact name="error">{error}</Fact>}
        {faults.length > 0 && <Fact name="faults">{faults.join(', ')}</Fact>}
        {why !== undefined && <Fact name="why">{why}</Fact>}
      </dl>
      {isSendable(step) && (
        <SendAgain
          key={id}
          targets={targets}
          usual={targetOf(step, targets)?.id}
          payload={payloadToSend(step.payload)}
        />
      )}
      {command && (
        <p class="command">
          <CopyButton label={`Copy as ${command.program}`} text={command.text} />
          {command.hint}
        </p>
      )}
      {contentsDropped && <p class="hint">Only the newest traces keep their contents.</p>}
      {step.payload !== undefined && (
        <Content title={step.truncated ? 'Payload (its first 256 KB)' : 'Payload'} value={step.payload} />
      )}
      {step.result !== undefined && <Content title="Result" value={step.result} />}
      {logs.length > 0 && <Content title="Logs" value={logs.join('\n')} />}
    </Inspector>
  );
}

/** An event that no rule, or a rule does not match, has not failed, but goes no further. */
function OutcomeOf({ step: { kind, outcome } }: { step: Step }) {
  if (kind === 'unwanted') return <b class="unwanted">no rule matched</b>;
  return kind === 'unmatched' ? <b>no match</b> : <b class={outcome}>{outcome}</b>;
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Content({ title, value }: { title: string; value: unknown }) {
  return (
    <details open>
      <summary>{title}</summary>
      <CopyButton label="Copy" text={jsonText(value)} />
      <JsonStructure value={value} />
    </details>
  );
}

import { useRef, useState } from 'preact/hooks';
import { DeletedMessages, type QueueContents, RedriveResult } from '../src/core/queue-contents.ts';
import type { SendTarget } from '../src/core/steps.ts';
import { ConfirmedButton } from './confirmed-button.tsx';
import { counted } from './counted.ts';
import { DeadLetter } from './dead-letter.tsx';
import { call, messageOf } from './local-api.ts';
import { linkTo } from './selection.ts';

/** Renders the queues, those with messages first, to redrive, delete and send them again. */
export function QueuesPane({
  queues,
  targets,
}: {
  queues: readonly QueueContents[];
  targets: readonly SendTarget[];
}) {
  const sorted = queues.toSorted((a, b) => b.count - a.count);
  return (
    <section class="pane wide" aria-labelledby="queues-title">
      <header>
        <h2 id="queues-title">Queues</h2>
        <a href="/_local/dead-letters">as JSON</a>
      </header>
      <div class="content">
        {sorted.map((contents) => (
          <QueueArticle key={contents.queue} contents={contents} targets={targets} />
        ))}
      </div>
    </section>
  );
}

/** What an action did, and the trace that it began. */
interface Outcome {
  text: string;
  failed?: boolean;
  trace?: string | undefined;
}

function QueueArticle({
  contents: { queue, label, count, messages },
  targets,
}: {
  contents: QueueContents;
  targets: readonly SendTarget[];
}) {
  const [busy, setBusy] = useState<string>();
  const [outcome, setOutcome] = useState<Outcome>();
  const status = useRef<HTMLParagraphElement>(null);
  const path = `/_local/dead-letters/${encodeURIComponent(queue)}`;
  const run = async (doing: string, act: () => Promise<Outcome>): Promise<void> => {
    setBusy(doing);
    setOutcome(await act().catch((error: unknown) => ({ text: messageOf(error), failed: true })));
    setBusy(undefined);
    // The button may be gone with its message.
    status.current?.focus();
  };
  const redrive = (ids?: string[]) =>
    run(`Redriving ${counted(ids?.length ?? count, 'message')}…`, async () =>
      redriveOutcome(await call('POST', `${path}/redrive`, RedriveResult, ids ? { ids } : {})),
    );
  const remove = (what: string) =>
    run('Deleting…', async () => {
      const { deleted } = await call('DELETE', `${path}${what}`, DeletedMessages);
      return { text: `${counted(deleted, 'message')} deleted.` };
    });
  const newest = Math.max(...messages.map(({ sentAt }) => sentAt));
  return (
    <article class={count > 0 ? 'filled' : 'empty'} aria-label={label}>
      <header>
        <h3 title={queue}>
          {label} <b>{count === 0 ? 'empty' : count}</b>
        </h3>
        {count > 0 && (
          <div class="actions">
            <button type="button" disabled={busy !== undefined} onClick={() => redrive()}>
              Redrive all
            </button>
            <ConfirmedButton
              label="Delete all"
              question={`Delete ${counted(count, 'message')} for good?`}
              disabled={busy !== undefined}
              // Not those that arrive while the question is shown.
              onConfirm={() => remove(`?until=${newest}`)}
            />
          </div>
        )}
      </header>
      <p role="status" ref={status} tabIndex={-1} class={outcome?.failed ? 'error' : undefined}>
        {busy ?? outcome?.text}{' '}
        {busy === undefined && outcome?.trace !== undefined && (
          <a href={linkTo({ trace: outcome.trace })}>Show the trace</a>
        )}
      </p>
      {count > messages.length && (
        <p class="hint">
          The newest {messages.length} of {count}:
        </p>
      )}
      {messages.length > 0 && (
        <ol>
          {messages.map((message) => (
            <DeadLetter
              key={message.id}
              queue={queue}
              message={message}
              targets={targets}
              busy={busy !== undefined}
              onRedrive={() => redrive([message.id])}
              onDelete={() => remove(`/${encodeURIComponent(message.id)}`)}
            />
          ))}
        </ol>
      )}
    </article>
  );
}

function redriveOutcome({ redriven, kept, trace, untried }: RedriveResult): Outcome {
  const parts = [
    redriven > 0 && `${counted(redriven, 'message')} redriven and deleted.`,
    kept.length > 0 && `${counted(kept.length, 'message stays', 'messages stay')}, with the reason.`,
    untried > 0 && `${counted(untried, 'message was', 'messages were')} not tried: the target is broken.`,
  ];
  return { text: parts.filter(Boolean).join(' ') || 'No message was left.', failed: kept.length > 0, trace };
}

import { useState } from 'preact/hooks';
import { QueueMessage, type WaitingMessage } from '../src/core/queue-contents.ts';
import type { SendTarget } from '../src/core/steps.ts';
import { ConfirmedButton } from './confirmed-button.tsx';
import { CopyButton } from './copy-button.tsx';
import { bodyOf, reasonOf } from './dead-letters.ts';
import { useFetched } from './fetched.ts';
import { JsonStructure } from './json-structure.tsx';
import { jsonText } from './json-text.ts';
import { linkTo } from './selection.ts';
import { SendAgain } from './send-again.tsx';
import { payloadToSend, targetOfQueue } from './send-target.ts';

/** Renders a message of a queue: why it is there, where it came from, and its actions. */
export function DeadLetter({
  queue,
  message: { id, sentAt, cause, source, hiddenUntil, kept, traces },
  targets,
  busy,
  onRedrive,
  onDelete,
}: {
  queue: string;
  message: WaitingMessage;
  targets: readonly SendTarget[];
  /** Whether an action on the queue is in progress. */
  busy: boolean;
  onRedrive: () => void;
  onDelete: () => void;
}) {
  const [open, setOpen] = useState(false);
  const sent = new Date(sentAt);
  return (
    <li class="letter">
      <p class="cause" title={cause}>
        {cause}
      </p>
      <p class="origin">
        <time dateTime={sent.toISOString()}>{sent.toLocaleString()}</time>
        {source !== undefined && <span class="hop">{source}</span>}
        {traces.map(({ trace, title, createdId, createdPath }) => (
          <span key={trace}>
            <a href={linkTo({ trace })}>{title}</a>
            {createdId !== undefined && ' '}
            {createdPath !== undefined ? (
              <a class="created-id" href={createdPath}>
                {createdId}
              </a>
            ) : (
              createdId !== undefined && <span class="created-id">{createdId}</span>
            )}
          </span>
        ))}
      </p>
      {kept && (
        <p class="error">
          It stays, because the redrive failed: {kept.reason}{' '}
          {kept.trace !== undefined && <a href={linkTo({ trace: kept.trace })}>Show the trace</a>}
        </p>
      )}
      {hiddenUntil !== undefined && !busy && (
        <p class="note">
          A consumer has received it. It is hidden until {new Date(hiddenUntil).toLocaleTimeString()}.
        </p>
      )}
      <div class="actions">
        {source !== undefined && (
          <button
            type="button"
            aria-label={`Redrive: ${cause}`}
            disabled={busy || hiddenUntil !== undefined}
            onClick={onRedrive}
          >
            Redrive
          </button>
        )}
        <ConfirmedButton
          label="Delete"
          name={`Delete: ${cause}`}
          question="Delete this message for good?"
          disabled={busy}
          onConfirm={onDelete}
        />
      </div>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>Message</summary>
        {open && <WholeMessage queue={queue} id={id} targets={targets} />}
      </details>
    </li>
  );
}

function WholeMessage({ queue, id, targets }: { queue: string; id: string; targets: readonly SendTarget[] }) {
  const path = `/_local/dead-letters/${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;
  const { value: message, error } = useFetched(path, QueueMessage, id);
  if (error !== undefined) return <p class="error">{error}</p>;
  if (!message) return <p class="note">Loading…</p>;
  const body = bodyOf(message);
  const reason = reasonOf(message);
  return (
    <>
      {reason !== '' && <pre class="error">{reason}</pre>}
      <CopyButton label="Copy" text={jsonText(body)} />
      <JsonStructure value={body} />
      <SendAgain targets={targets} usual={targetOfQueue(queue, targets)?.id} payload={payloadToSend(body)} />
    </>
  );
}

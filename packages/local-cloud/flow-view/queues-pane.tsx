import type { ArchitectureNode, SendTarget } from '../src/core/steps.ts';
import { bodyOf, type Message, nodeOfQueue, type Queue, reasonOf } from './dead-letters.ts';
import { jsonText } from './json-text.ts';
import { SendAgain } from './send-again.tsx';
import { payloadToSend, targetOfQueue } from './send-target.ts';

/** The number of messages to show for each queue. `/_local/dead-letters` lists all of them. */
const SHOWN = 50;

/** Renders the queues, those with messages first. Each message can be sent again. */
export function QueuesPane({
  queues,
  nodes,
  targets,
}: {
  queues: readonly Queue[];
  nodes: readonly ArchitectureNode[];
  targets: readonly SendTarget[];
}) {
  const sorted = queues.toSorted((a, b) => b.messages.length - a.messages.length);
  return (
    <section class="pane wide" aria-labelledby="queues-title">
      <header>
        <h2 id="queues-title">Queues</h2>
        <a href="/_local/dead-letters">as JSON</a>
      </header>
      <div class="content">
        {sorted.map(({ queue, messages }) => (
          <article key={queue} class={messages.length > 0 ? 'filled' : 'empty'}>
            <h3 title={queue}>
              {nodeOfQueue(queue, nodes)?.label ?? queue}{' '}
              <b>{messages.length === 0 ? 'empty' : messages.length}</b>
            </h3>
            {messages.slice(-SHOWN).map((message) => (
              <DeadLetter
                key={message.id}
                message={message}
                targets={targets}
                usual={targetOfQueue(queue, targets)?.id}
              />
            ))}
          </article>
        ))}
      </div>
    </section>
  );
}

function DeadLetter({
  message,
  targets,
  usual,
}: {
  message: Message;
  targets: readonly SendTarget[];
  usual: string | undefined;
}) {
  const body = bodyOf(message);
  return (
    <div class="letter">
      <p>
        <time dateTime={new Date(message.sentAt).toISOString()}>
          {new Date(message.sentAt).toLocaleString()}
        </time>
      </p>
      <pre class="error">{reasonOf(message)}</pre>
      <details>
        <summary>Message</summary>
        <pre>{jsonText(body)}</pre>
      </details>
      <SendAgain targets={targets} usual={usual} payload={payloadToSend(body)} />
    </div>
  );
}

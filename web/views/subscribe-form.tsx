import { useEffect, useState } from 'preact/hooks';
import { NewSubscription } from '../../model/subscription.ts';
import type { Api } from '../api.ts';
import type { PostStore } from '../post-store.ts';
import { completions, topicCounts } from '../topic-counts.ts';
import { valid } from '../valid.ts';
import { Failure } from './failure.tsx';
import { Field } from './field.tsx';
import { useSubmission } from './use-submission.ts';

interface SubscribeFormProps {
  api: Api;
  posts: PostStore;
  /** The topic of the shown feed or post. */
  topic: string | undefined;
}

/** The form to subscribe an address to topics by mail. */
export function SubscribeForm({ api, posts, topic = '' }: SubscribeFormProps) {
  const [email, setEmail] = useState('');
  const [typed, setTyped] = useState<string>();
  const topics = typed ?? topic;
  const { submission, submit, edited, form } = useSubmission(async () => {
    // The topic of the page is one, even if its name has a comma.
    const named = (typed === undefined ? [topic] : typed.split(',')).filter((name) => name.trim() !== '');
    const subscription = valid(NewSubscription, { email, topics: named });
    if ('errors' in subscription) return subscription.errors;
    await api.subscribe(subscription.body);
    return undefined;
  });
  useEffect(edited, [topics]);
  const isSending = submission.status === 'sending';
  return (
    <aside class="panel" id="by-mail" aria-labelledby="by-mail-heading" tabIndex={-1}>
      <h2 id="by-mail-heading">Get new posts by mail</h2>
      <p class="hint">
        A mail for each new post about your topics. To change them later, unsubscribe with the link in any
        mail and subscribe again here.
      </p>
      <form class="subscribe" ref={form} onSubmit={submit} onInput={edited} noValidate>
        <Field
          name="email"
          label="Mail address"
          autoComplete="email"
          value={email}
          onInput={setEmail}
          submission={submission}
        />
        <Field
          name="topics"
          label="Topics"
          hint="Several are separated by commas."
          value={topics}
          onInput={setTyped}
          list="topics-suggestions"
          submission={submission}
        />
        <datalist id="topics-suggestions">
          {completions(
            topics,
            topicCounts(posts.all()).map(({ topic }) => topic),
          ).map((list) => (
            <option key={list} value={list} />
          ))}
        </datalist>
        {submission.status === 'failed' && (
          <Failure title="The subscription did not succeed." failure={submission.failure} />
        )}
        <div class="actions">
          <button type="submit" aria-disabled={isSending}>
            Subscribe
          </button>
          <p role="status">
            {isSending && 'Subscribing…'}
            {submission.status === 'done' &&
              'Check your mailbox. Unless the address is already subscribed, an e-mail asks you to confirm. An address receives one such e-mail an hour. If one was sent earlier, it is valid for the topics of the first request.'}
          </p>
        </div>
      </form>
    </aside>
  );
}

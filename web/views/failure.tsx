import type { RequestFailed } from '../api.ts';
import { waitingTime } from '../waiting-time.ts';

/** Says that something failed, why, and, if the server said so, when to try again. */
export function Failure({ title, failure }: { title: string; failure: RequestFailed }) {
  const { message, retryAfter } = failure;
  // Where it may be tried again at once, the API says so itself.
  const when = message.endsWith('Please try again.') ? undefined : retryAfter;
  return (
    <div class="failure" role="alert">
      <p>
        <strong>{title}</strong> {message}
        {when !== undefined && ` Please try again in ${waitingTime(when)}.`}
      </p>
    </div>
  );
}

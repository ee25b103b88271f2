import type { RequestFailed } from '../api.ts';
import { waitingTime } from '../waiting-time.ts';

/** Says that something failed, why, and when to retry if the server names a time. */
export function Failure({ title, failure }: { title: string; failure: RequestFailed }) {
  const { message, retryAfter } = failure;
  // If an immediate retry makes sense, the message of the API says so.
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

import type { RequestFailed } from '../api.ts';
import { waitingTime } from '../waiting-time.ts';

/** Says that something failed, why, and, if the server said so, when to try again. */
export function Failure({ title, failure }: { title: string; failure: RequestFailed }) {
  return (
    <div class="failure" role="alert">
      <p>
        <strong>{title}</strong> {failure.message}
        {failure.retryAfter !== undefined && ` Please try again in ${waitingTime(failure.retryAfter)}.`}
      </p>
    </div>
  );
}

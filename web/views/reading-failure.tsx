import { useEffect, useState } from 'preact/hooks';
import type { ReadFailure } from '../read-retry.ts';
import { Countdown } from './countdown.tsx';
import { RetryButton } from './retry-button.tsx';

interface ReadingFailureProps {
  /** The beginning of a sentence, e.g. `The posts could not be read`. */
  what: string;
  failure: ReadFailure;
  /** Whether a retry is in progress. */
  isReading: boolean;
  read: () => void;
}

/**
 * Says in one sentence what could not be read and why, and when it is retried. Offers to retry now.
 */
export function ReadingFailure({ what, failure, isReading, read }: ReadingFailureProps) {
  const [isWanted, setWanted] = useState(false);
  useEffect(() => {
    if (!isReading) setWanted(false);
  }, [isReading]);
  return (
    <div class="failure" role="alert">
      <p>
        {/* The sentence goes and comes, so that what fails again on request is said again. */}
        {isWanted && isReading ? 'Reading…' : `${what}: ${failure.reason}.`}
        {failure.retryAt !== undefined && !isReading && (
          <span aria-hidden="true">
            {' Next try '}
            <Countdown to={failure.retryAt} />.
          </span>
        )}
      </p>
      <RetryButton
        isTrying={isReading}
        onClick={() => {
          setWanted(true);
          read();
        }}
      >
        Try again
      </RetryButton>
    </div>
  );
}

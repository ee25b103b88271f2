import { RetryButton } from './retry-button.tsx';

interface ReadingFailureProps {
  /** `The posts` or `The post`. */
  what: string;
  /** Why the read failed, in a sentence. */
  problem: string;
  /** Whether a retry is in progress. */
  isReading: boolean;
  read: () => void;
}

/** Says that something could not be read, and offers a retry. */
export function ReadingFailure({ what, problem, isReading, read }: ReadingFailureProps) {
  return (
    <div class="failure" role="alert">
      <p>
        {/* What fails again is said again. */}
        <strong>{isReading ? 'Reading…' : `${what} could not be read.`}</strong> {!isReading && problem}
      </p>
      <RetryButton isTrying={isReading} onClick={read}>
        Try again
      </RetryButton>
    </div>
  );
}

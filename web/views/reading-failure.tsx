import { RetryButton } from './retry-button.tsx';

interface ReadingFailureProps {
  /** The posts, or the post. */
  what: string;
  /** Why, in a sentence. */
  problem: string;
  /** It is being read again. */
  isReading: boolean;
  read: () => void;
}

/** Says that something could not be read, and reads it again. */
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

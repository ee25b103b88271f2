import { useEffect, useRef, useState } from 'preact/hooks';
import type { FieldError } from '../../model/problem.ts';
import { RequestFailed } from '../api.ts';

/** Where a form is on its way to the server. */
export type Submission =
  | { status: 'editing' | 'sending' | 'done' }
  | { status: 'invalid'; errors: readonly FieldError[] }
  | { status: 'failed'; failure: RequestFailed };

/**
 * Sends a form once at a time, and puts the focus on the first field with an error.
 * @param send gives the errors of the fields if there is nothing to send; throws `RequestFailed`
 */
export function useSubmission(send: () => Promise<readonly FieldError[] | undefined>) {
  const [submission, setSubmission] = useState<Submission>({ status: 'editing' });
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (submission.status === 'invalid') {
      form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
    }
  }, [submission]);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (submission.status === 'sending') return;
    setSubmission({ status: 'sending' });
    try {
      const errors = await send();
      setSubmission(errors ? { status: 'invalid', errors } : { status: 'done' });
    } catch (error) {
      const failure = error instanceof RequestFailed ? error : new RequestFailed(String(error));
      const errors = failure.fieldErrors;
      setSubmission(errors.length > 0 ? { status: 'invalid', errors } : { status: 'failed', failure });
    }
  }

  /** A confirmation is of what was sent. */
  function edited(): void {
    if (submission.status === 'done') setSubmission({ status: 'editing' });
  }

  return { submission, submit, edited, form };
}

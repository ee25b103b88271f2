import { useEffect, useRef, useState } from 'preact/hooks';
import type { FieldError } from '../../model/problem.ts';
import { RequestFailed } from '../api.ts';

/** The progress of a form on its way to the server. */
export type Submission =
  | { status: 'editing' | 'sending' | 'done' }
  | { status: 'invalid'; errors: readonly FieldError[] }
  | { status: 'failed'; failure: RequestFailed };

/**
 * Sends a form, one request at a time, and moves the focus to the first field with an error.
 * @param send returns the errors of the fields if the form is invalid; throws `RequestFailed`
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

  /** Removes the confirmation, because it confirms the text that was sent. */
  function edited(): void {
    if (submission.status === 'done') setSubmission({ status: 'editing' });
  }

  return { submission, submit, edited, form };
}

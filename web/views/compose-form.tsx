import { useState } from 'preact/hooks';
import { NewPost, type Post } from '../../model/post.ts';
import type { Api } from '../api.ts';
import type { Draft, DraftText } from '../draft.ts';
import { valid } from '../valid.ts';
import { Failure } from './failure.tsx';
import { Field } from './field.tsx';
import { useSubmission } from './use-submission.ts';

interface ComposeFormProps {
  api: Api;
  draft: Draft;
  onSaved: (post: Post) => void;
  /** Hides the form. A save in progress continues, and the text stays until it is saved. */
  isHidden: boolean;
}

/** The form to write a post. It keeps the text until a save succeeds. */
export function ComposeForm({ api, draft, onSaved, isHidden }: ComposeFormProps) {
  const [text, setText] = useState(draft.text);
  const { submission, submit, edited, form } = useSubmission(async () => {
    const post = valid(NewPost, draft.text);
    if ('errors' in post) return post.errors;
    onSaved(await api.createPost(post.body, draft.keyForSaving()));
    draft.saved();
    setText(draft.text);
    return undefined;
  });
  const change = (fields: Partial<DraftText>) => {
    draft.change(fields);
    setText(draft.text);
  };
  const field = (name: keyof DraftText) => ({
    name,
    value: text[name],
    onInput: (value: string) => change({ [name]: value }),
    submission,
  });
  const isSending = submission.status === 'sending';
  return (
    <section class="panel" aria-labelledby="compose-heading" hidden={isHidden}>
      <h2 id="compose-heading">Write a post</h2>
      <form class="compose" ref={form} onSubmit={submit} onInput={edited} noValidate>
        <Field {...field('title')} label="Title" />
        <Field {...field('body')} label="Text" multiline />
        <Field {...field('author')} label="Author" autoComplete="name" />
        <Field {...field('topic')} label="Topic" />
        {submission.status === 'failed' && (
          <Failure title="The post is not saved. Your text is kept." failure={submission.failure} />
        )}
        <div class="actions">
          <button type="submit" aria-disabled={isSending}>
            {submission.status === 'failed' ? 'Retry' : 'Save'}
          </button>
          <p role="status">
            {isSending && 'Saving…'}
            {submission.status === 'done' && 'Saved.'}
          </p>
        </div>
      </form>
    </section>
  );
}

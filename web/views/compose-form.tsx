import { useEffect } from 'preact/hooks';
import { NewPost, type Post } from '../../model/post.ts';
import type { Api } from '../api.ts';
import type { Draft, DraftText } from '../draft.ts';
import { roomLeft } from '../room-left.ts';
import { valid } from '../valid.ts';
import { Failure } from './failure.tsx';
import { Field } from './field.tsx';
import { LanguageField } from './language-field.tsx';
import { topicSuggestions } from './topics.tsx';
import { useDraft } from './use-draft.ts';
import { useFolding } from './use-folding.ts';
import { type Submission, useSubmission } from './use-submission.ts';

interface ComposeFormProps {
  api: Api;
  draft: Draft;
  onSaved: (post: Post) => void;
  /** The topic of the shown feed, which a new post has unless the author chooses another. */
  topic: string | undefined;
  /** Hides the form. A save in progress continues, and the text stays until it is saved. */
  isHidden: boolean;
}

/**
 * The form to write a post: one line, the title, that opens the other fields when it receives the
 * focus. It keeps the text until a save succeeds.
 */
export function ComposeForm({ api, draft, onSaved, topic, isHidden }: ComposeFormProps) {
  const { text, change, saved } = useDraft(draft, topic);
  const { submission, submit, edited, form } = useSubmission(async () => {
    const post = valid(NewPost, draft.text);
    if ('errors' in post) return post.errors;
    const savedPost = await api.createPost(post.body, draft.keyForSaving());
    saved();
    fold();
    onSaved(savedPost);
    return undefined;
  });
  const { isOpen, open, fold, close, onKeyDown } = useFolding(form, 'title', !draft.isEmpty);
  useEffect(() => {
    if (submission.status === 'invalid' || submission.status === 'failed') open();
  }, [submission]);

  const onSubmit = (event: Event) => {
    if (isOpen) return submit(event);
    event.preventDefault();
    open();
  };
  const onInput = () => {
    edited();
    open();
  };
  const field = (name: Exclude<keyof DraftText, 'language'>) => ({
    name,
    value: text[name],
    onInput: (value: string) => change({ [name]: value }),
    room: isOpen ? roomLeft(name, text) : undefined,
    submission,
  });
  const isKept = !isOpen && !draft.isEmpty && submission.status !== 'sending';
  return (
    <section class="panel compose-panel" aria-labelledby="compose-heading" hidden={isHidden}>
      <h2 id="compose-heading" class="visually-hidden">
        Write a post
      </h2>
      <form
        class={`compose ${isOpen ? '' : 'collapsed'}`}
        ref={form}
        onSubmit={onSubmit}
        onInput={onInput}
        onKeyDown={onKeyDown}
        onFocusIn={open}
        noValidate
      >
        <Field
          {...field('title')}
          label="Title"
          {...(!isOpen && { placeholder: isKept ? 'Untitled draft' : 'Write a post…', onClick: open })}
          {...(isKept && { hint: 'Your draft is kept.' })}
        />
        <div class="compose-rest" hidden={!isOpen}>
          <Field {...field('body')} label="Text" lang={text.language ?? 'en'} multiline />
          <Field {...field('author')} label="Author" autoComplete="name" />
          <Field {...field('topic')} label="Topic" list={topicSuggestions} />
          <LanguageField
            value={text.language}
            onInput={(language) => change({ language })}
            isDisabled={submission.status === 'sending'}
          />
          {submission.status === 'failed' && (
            <Failure title="The post is not saved. Your text is kept." failure={submission.failure} />
          )}
        </div>
        <ComposeActions {...{ submission, isOpen, close }} />
      </form>
    </section>
  );
}

interface ComposeActionsProps {
  submission: Submission;
  isOpen: boolean;
  close: () => void;
}

/** The buttons of the open form, and the outcome of the save. */
function ComposeActions({ submission: { status }, isOpen, close }: ComposeActionsProps) {
  return (
    <div class="actions">
      <button
        type="submit"
        hidden={!isOpen}
        aria-disabled={status === 'sending'}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        title="Ctrl+Enter or ⌘+Enter"
      >
        {status === 'failed' ? 'Retry' : 'Save'}
      </button>
      <button
        type="button"
        class="quiet"
        hidden={!isOpen}
        aria-keyshortcuts="Escape"
        title="Escape. The text is kept."
        onClick={close}
      >
        Close
      </button>
      <p role="status">
        {status === 'sending' && 'Saving…'}
        {status === 'done' && 'Saved.'}
      </p>
    </div>
  );
}

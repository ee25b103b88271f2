import { useEffect, useRef, useState } from 'preact/hooks';
import { NewPost, type Post } from '../../model/post.ts';
import type { Api } from '../api.ts';
import type { Draft, DraftText } from '../draft.ts';
import { roomLeft } from '../room-left.ts';
import { valid } from '../valid.ts';
import { Failure } from './failure.tsx';
import { Field } from './field.tsx';
import { LanguageField } from './language-field.tsx';
import { topicSuggestions } from './topics.tsx';
import { useSubmission } from './use-submission.ts';

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
  const [text, setText] = useState(draft.text);
  const [isOpen, setOpen] = useState(!draft.isEmpty);
  const isClosing = useRef(false);
  const { submission, submit, edited, form } = useSubmission(async () => {
    const post = valid(NewPost, draft.text);
    if ('errors' in post) return post.errors;
    const saved = await api.createPost(post.body, draft.keyForSaving());
    lastTopic.current = draft.text.topic;
    draft.saved();
    setText(draft.text);
    setOpen(false);
    onSaved(saved);
    return undefined;
  });
  useEffect(() => {
    if (submission.status === 'invalid' || submission.status === 'failed') setOpen(true);
  }, [submission]);

  const open = () => {
    if (!isClosing.current) setOpen(true);
  };
  const close = () => {
    isClosing.current = true;
    // The focused field disappears. The title remains.
    form.current?.querySelector<HTMLElement>('[name=title]')?.focus({ preventScroll: true });
    isClosing.current = false;
    setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // During a composition, these keys are the input method's.
    if (event.isComposing) return;
    if (event.key === 'Escape') close();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.current?.requestSubmit();
    }
  };
  const onSubmit = (event: Event) => {
    if (isOpen) return submit(event);
    event.preventDefault();
    open();
  };
  const onInput = () => {
    edited();
    open();
  };
  const change = (fields: Partial<DraftText>) => {
    draft.change(fields);
    setText(draft.text);
  };
  const lastTopic = useRef(draft.text.topic);
  useEffect(() => {
    if (draft.isEmpty || draft.text.topic === '') change({ topic: topic ?? lastTopic.current });
  }, [topic]);
  const field = (name: Exclude<keyof DraftText, 'language'>) => ({
    name,
    value: text[name],
    onInput: (value: string) => change({ [name]: value }),
    room: isOpen ? roomLeft(name, text) : undefined,
    submission,
  });
  const isSending = submission.status === 'sending';
  const isKept = !isOpen && !draft.isEmpty && !isSending;
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
            isDisabled={isSending}
          />
          {submission.status === 'failed' && (
            <Failure title="The post is not saved. Your text is kept." failure={submission.failure} />
          )}
        </div>
        <div class="actions">
          <button
            type="submit"
            hidden={!isOpen}
            aria-disabled={isSending}
            aria-keyshortcuts="Control+Enter Meta+Enter"
            title="Ctrl+Enter or ⌘+Enter"
          >
            {submission.status === 'failed' ? 'Retry' : 'Save'}
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
            {isSending && 'Saving…'}
            {submission.status === 'done' && 'Saved.'}
          </p>
        </div>
      </form>
    </section>
  );
}

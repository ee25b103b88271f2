import { useEffect, useRef, useState } from 'preact/hooks';
import type { Draft, DraftText } from '../draft.ts';

/**
 * Shows a draft in a form. Until something is written, its topic is that of the shown feed, or else
 * that of the last post.
 */
export function useDraft(draft: Draft, topic: string | undefined) {
  const [text, setText] = useState(draft.text);
  const lastTopic = useRef(draft.text.topic);

  function change(fields: Partial<DraftText>): void {
    draft.change(fields);
    setText(draft.text);
  }

  function saved(): void {
    lastTopic.current = draft.text.topic;
    draft.saved();
    setText(draft.text);
  }

  useEffect(() => {
    if (draft.isEmpty || draft.text.topic === '') change({ topic: topic ?? lastTopic.current });
  }, [topic]);
  return { text, change, saved };
}

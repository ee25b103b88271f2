import { maxLengths, normalTopic } from '../model/post.ts';
import { maxRequestBytes } from '../model/request-size.ts';
import type { DraftText } from './draft.ts';

/** The part of a limit from which on the rest is shown. */
const nearly = 0.9;

/**
 * Returns how much a field of a post can still take, or exceeds, as a sentence. Returns `undefined`
 * while it is far from its limit. It counts as the API does: code points of the lines, and for the
 * text the bytes of the whole request.
 */
export function roomLeft(field: 'author' | 'title' | 'topic' | 'body', draft: DraftText): string | undefined {
  if (field === 'body') return says(bytesOf(draft), maxRequestBytes, 'byte');
  const text = draft[field].trim();
  return says([...(field === 'topic' ? normalTopic(text) : text)].length, maxLengths[field], 'character');
}

function bytesOf({ author, title, body, topic, language }: DraftText): number {
  const post = {
    author: author.trim(),
    title: title.trim(),
    body: body.trim(),
    topic: topic.trim(),
    language,
  };
  return new TextEncoder().encode(JSON.stringify(post)).length;
}

function says(size: number, limit: number, unit: string): string | undefined {
  if (size < limit * nearly) return undefined;
  const rest = Math.abs(limit - size);
  const amount = `${rest.toLocaleString('en')} ${unit}${rest === 1 ? '' : 's'}`;
  return size > limit ? `${amount} too long.` : `${amount} left.`;
}

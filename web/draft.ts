import * as z from 'zod/mini';
import { parseJson } from './parse-json.ts';

/** The fields of the form, as they were typed. */
export const DraftText = z.object({
  author: z.string(),
  title: z.string(),
  body: z.string(),
  topic: z.string(),
});
export type DraftText = z.infer<typeof DraftText>;

const StoredDraft = z.object({ text: DraftText, key: z.optional(z.string()) });

const place = 'draft';

/**
 * A post that is being written, kept in its tab until it is saved. With it, its idempotency key: an attempt to save
 * that is repeated, even after a reload, carries the same key, so that it cannot make a second post. A changed text is
 * another post and gets another key.
 */
export class Draft {
  readonly #storage: Storage | undefined;
  #text: DraftText = { author: '', title: '', body: '', topic: '' };
  #key: string | undefined;

  /** @param storage where it is kept; without one it lasts as long as the page */
  constructor(storage: Storage | undefined) {
    this.#storage = storage;
    const stored = StoredDraft.safeParse(parseJson(storage?.getItem(place) ?? ''));
    if (!stored.success) return;
    this.#text = stored.data.text;
    this.#key = stored.data.key;
  }

  get text(): DraftText {
    return this.#text;
  }

  /** The author changes the text. */
  change(fields: Partial<DraftText>): void {
    this.#text = { ...this.#text, ...fields };
    this.#key = undefined;
    this.#keep();
  }

  /** The key with which the text is to be sent. */
  keyForSaving(): string {
    this.#key ??= crypto.randomUUID();
    this.#keep();
    return this.#key;
  }

  /** The text is saved: what remains is who writes, and about what, for the next post. */
  saved(): void {
    this.change({ title: '', body: '' });
  }

  #keep(): void {
    try {
      this.#storage?.setItem(place, JSON.stringify({ text: this.#text, key: this.#key }));
    } catch {
      // The storage is full. The page still has the text.
    }
  }
}

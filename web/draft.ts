import * as z from 'zod/mini';
import { parseJson } from './parse-json.ts';

/** The fields of the form as the author typed them. */
export const DraftText = z.object({
  author: z.string(),
  title: z.string(),
  body: z.string(),
  topic: z.string(),
  /** The language of `body`, English if absent. */
  language: z.optional(z.string()),
});
export type DraftText = z.infer<typeof DraftText>;

const StoredDraft = z.object({ text: DraftText, key: z.optional(z.string()) });

const place = 'draft';

/**
 * The post that the author is writing, kept in the tab until it is saved, and its idempotency key.
 * A retry of the save, even after a reload, has the same key, so that it cannot make a second post.
 * A changed text gets a new key.
 */
export class Draft {
  readonly #storage: Storage | undefined;
  #text: DraftText = { author: '', title: '', body: '', topic: '' };
  #key: string | undefined;

  /** @param storage keeps the draft; without it, the draft lasts as long as the page */
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

  /** Whether there is nothing to save yet: the other fields are kept from the last post. */
  get isEmpty(): boolean {
    return (this.#text.title + this.#text.body).trim() === '';
  }

  /** Changes fields of the text. */
  change(fields: Partial<DraftText>): void {
    this.#text = { ...this.#text, ...fields };
    this.#key = undefined;
    this.#keep();
  }

  /** Returns the idempotency key to save the text with. */
  keyForSaving(): string {
    this.#key ??= crypto.randomUUID();
    this.#keep();
    return this.#key;
  }

  /** Clears the saved text, and keeps the author, the topic and the language for the next post. */
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

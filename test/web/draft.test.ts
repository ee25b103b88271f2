import { Draft } from '../../web/draft.ts';

/** Stands in for a browser's storage. */
class MemoryStorage implements Storage {
  [name: string]: unknown;
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }
  clear(): void {
    this.#items.clear();
  }
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.#items.delete(key);
  }
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
}

const text = { author: 'Ann', title: 'Title', body: 'Joe is going to Spain', topic: 'summer' };

it('keeps the text and its key over a reload', () => {
  const storage = new MemoryStorage();
  const draft = new Draft(storage);
  draft.change(text);
  const key = draft.keyForSaving();
  const reloaded = new Draft(storage);
  expect(reloaded.text).toEqual(text);
  expect(reloaded.keyForSaving()).toBe(key);
});

it('has the same key for each attempt, and a new key for another text', () => {
  const draft = new Draft(undefined);
  draft.change(text);
  const key = draft.keyForSaving();
  expect(draft.keyForSaving()).toBe(key);
  draft.change({ title: 'Another title' });
  expect(draft.keyForSaving()).not.toBe(key);
});

it('starts the next post with the same author and topic, and a new key', () => {
  const storage = new MemoryStorage();
  const draft = new Draft(storage);
  draft.change(text);
  const key = draft.keyForSaving();
  draft.saved();
  expect(new Draft(storage).text).toEqual({ ...text, title: '', body: '' });
  expect(draft.keyForSaving()).not.toBe(key);
});

it('starts empty if the stored draft is malformed, and continues if the storage is full', () => {
  const storage = new MemoryStorage();
  storage.setItem('draft', '{"text":"?"}');
  const draft = new Draft(storage);
  expect(draft.text).toEqual({ author: '', title: '', body: '', topic: '' });
  jest.spyOn(storage, 'setItem').mockImplementation(() => {
    throw new Error('QuotaExceededError');
  });
  draft.change(text);
  expect(draft.text).toEqual(text);
});

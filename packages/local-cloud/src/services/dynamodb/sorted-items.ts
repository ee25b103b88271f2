import type { Item, Range } from 'dynalite/db/index.js';
// The class is the default export, which is nested in another one in Node.js, but not in Jest.
import type BTree from 'sorted-btree';
import { EmptyBTree } from 'sorted-btree';

/** Items, sorted by their keys: strings of ASCII. */
export class SortedItems {
  readonly #tree: BTree<string, Item> = EmptyBTree.clone();

  get(key: string): Item | undefined {
    return this.#tree.get(key);
  }

  set(key: string, item: Item): void {
    this.#tree.set(key, item);
  }

  delete(key: string): void {
    this.#tree.delete(key);
  }

  /** Returns the items in a range of keys. They must not change meanwhile. */
  *values({ gt, gte, lt, lte, reverse }: Range): Iterable<Item> {
    const entries = reverse ? this.#tree.entriesReversed(lt ?? lte) : this.#tree.entries(gt ?? gte);
    for (const [key, item] of entries) {
      const isBelow = (gt !== undefined && key <= gt) || (gte !== undefined && key < gte);
      const isAbove = (lt !== undefined && key >= lt) || (lte !== undefined && key > lte);
      if (reverse ? isBelow : isAbove) return;
      if (!isBelow && !isAbove) yield item;
    }
  }
}

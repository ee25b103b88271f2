import type { Element } from './event-leaves.ts';
import type { Steps } from './steps.ts';

/** Some elements of an event, as a tree: the arrays in an element, by number, with their elements. */
export class ElementTree {
  readonly #ends = new Set<Element>();
  readonly #arrays = new Map<Element | undefined, Map<number, Map<number, Element>>>();

  constructor(elements: Iterable<Element>) {
    for (const element of elements) {
      this.#ends.add(element);
      this.#link(element);
    }
  }

  /** The numbers of all arrays. */
  get arrays(): number[] {
    return [...this.#arrays.values()].flatMap((arrays) => [...arrays.keys()]);
  }

  /**
   * Returns the elements that agree with a choice: no array that contains them has another element
   * chosen.
   * @param chosen the index of the chosen element, by the number of its array
   * @param limit stops after that many elements
   */
  agreeing(chosen: ReadonlyMap<number, number>, steps: Steps, limit = Number.POSITIVE_INFINITY): Element[] {
    const found: Element[] = [];
    const pending: (Element | undefined)[] = [undefined];
    while (pending.length > 0 && found.length < limit) {
      const element = pending.pop();
      steps.take();
      if (element && this.#ends.has(element)) found.push(element);
      for (const [array, children] of this.#arrays.get(element) ?? []) {
        const index = chosen.get(array);
        if (index === undefined) for (const child of children.values()) pending.push(child);
        else if (children.has(index)) pending.push(children.get(index));
      }
    }
    return found;
  }

  #link(element: Element): void {
    for (let child: Element | undefined = element; child; child = child.parent) {
      const arrays = this.#arrays.get(child.parent) ?? new Map<number, Map<number, Element>>();
      const children = arrays.get(child.array) ?? new Map<number, Element>();
      if (children.has(child.index)) return;
      this.#arrays.set(child.parent, arrays.set(child.array, children.set(child.index, child)));
    }
  }
}

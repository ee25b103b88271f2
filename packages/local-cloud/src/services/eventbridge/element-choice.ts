import { ElementTree } from './element-tree.ts';
import type { Element, Leaf } from './event-leaves.ts';
import type { FieldTest } from './field-test.ts';
import type { Steps } from './steps.ts';

/** The elements that decide a field test: those with a leaf, and those with a leaf that matches. */
export interface Candidates {
  matching: ElementTree;
  /**
   * Whether a leaf outside of arrays matches too, so that no element has to be chosen. The choice of
   * one can still help a later test, by what it makes absent.
   */
  isOptional: boolean;
  /** Only for a test that an absent leaf passes. */
  present: ElementTree | undefined;
}

/**
 * Returns the elements that decide a field test; `true` or `false` if they do not matter, because
 * only leaves outside of arrays match, or because no leaf can.
 */
export function candidatesOf(
  { tests, mayBeAbsent }: FieldTest,
  leaves: readonly Leaf[],
  steps: Steps,
): Candidates | boolean {
  steps.take(leaves.length * tests.length);
  const matching = leaves.filter(({ value }) => tests.some((holds) => holds(value)));
  if (leaves.length === 0) return mayBeAbsent;
  const isFree = ({ element }: Leaf) => element === undefined;
  if (matching.length > 0 && matching.every(isFree)) return true;
  // A leaf outside of arrays is present whatever elements are chosen.
  if (mayBeAbsent && !leaves.some(isFree))
    return { matching: treeOf(matching), isOptional: false, present: treeOf(leaves) };
  return (
    matching.length > 0 && {
      matching: treeOf(matching),
      isOptional: matching.some(isFree),
      present: undefined,
    }
  );
}

function treeOf(leaves: readonly Leaf[]): ElementTree {
  return new ElementTree(leaves.flatMap(({ element }) => element ?? []));
}

/**
 * Chooses one element of each array, so that every field test holds for the leaves in the chosen
 * elements. A test sees the choice for the tests before it, so absence depends on their order.
 *
 * What was chosen matters to the remaining tests only as far as they have leaves in the same
 * arrays. A choice that differs in nothing else is tried once, so the steps grow with the size of
 * the event, times the number of tests.
 */
export class ElementChoice {
  readonly #candidates: readonly Candidates[];
  readonly #steps: Steps;
  /** The last test with a leaf in an array, by the array's number. */
  readonly #lastUse = new Map<number, number>();
  readonly #failed = new Set<string>();

  constructor(candidates: readonly Candidates[], steps: Steps) {
    this.#candidates = candidates;
    this.#steps = steps;
    for (const [test, { matching, present }] of candidates.entries())
      for (const array of (present ?? matching).arrays) this.#lastUse.set(array, test);
  }

  /** Returns whether such a choice exists. */
  exists(): boolean {
    return this.#holds(0, []);
  }

  /** @param choice the innermost elements that are chosen */
  #holds(test: number, choice: readonly Element[]): boolean {
    const candidates = this.#candidates[test];
    if (!candidates) return true;
    const relevant = this.#relevant(test, choice);
    const key = `${test} ${relevant.map(({ id }) => id).join()}`;
    if (this.#failed.has(key)) return false;
    const holds = this.#tries(candidates, test, relevant);
    if (!holds) this.#failed.add(key);
    return holds;
  }

  #tries({ matching, isOptional, present }: Candidates, test: number, choice: readonly Element[]): boolean {
    const chosen = this.#indexes(choice);
    const isAbsent = present?.agreeing(chosen, this.#steps, 1).length === 0;
    if (isAbsent) return this.#holds(test + 1, choice);
    if (isOptional && this.#holds(test + 1, choice)) return true;
    return matching
      .agreeing(chosen, this.#steps)
      .some((element) => this.#holds(test + 1, [...choice, element]));
  }

  /** Returns the chosen elements of arrays that the tests from `test` on have leaves in. */
  #relevant(test: number, choice: readonly Element[]): Element[] {
    const innermost = new Map<number, Element>();
    for (const chosen of choice) {
      let element: Element | undefined = chosen;
      while (element && (this.#lastUse.get(element.array) ?? -1) < test) {
        this.#steps.take();
        element = element.parent;
      }
      if (element) innermost.set(element.id, element);
    }
    // An element is chosen along with every element in it.
    for (const element of [...innermost.values()]) {
      for (let above = element.parent; above; above = above.parent) {
        this.#steps.take();
        innermost.delete(above.id);
      }
    }
    return [...innermost.values()].sort((one, other) => one.id - other.id);
  }

  #indexes(choice: readonly Element[]): Map<number, number> {
    const indexes = new Map<number, number>();
    for (const chosen of choice) {
      for (let element: Element | undefined = chosen; element; element = element.parent) {
        this.#steps.take();
        indexes.set(element.array, element.index);
      }
    }
    return indexes;
  }
}

import type { AttributeValue } from 'aws-lambda';
import type { Item } from 'dynalite/db/index.js';
import { isDeeperThan } from '../../../core/depth.ts';
import type { AwsError } from '../../../core/service.ts';
import { validationError } from '../validation-error.ts';
import { type DocumentPath, own, setOwn } from './document-path.ts';

type Container = Item | AttributeValue[];

/** The depth limit of an attribute value ("Service, account, and table quotas" in the developer guide). */
const MAXIMUM_DEPTH = 32;

/**
 * An item during an update. The previous item stays unchanged: the maps and lists that change are
 * copied. Indexes of lists are those of the previous item, until the update is complete.
 */
export class Draft {
  readonly #item: Item;
  readonly #copies = new Set<Container>();
  readonly #removed = new Map<AttributeValue[], Set<number>>();
  readonly #appended = new Map<AttributeValue[], [index: number, value: AttributeValue][]>();

  constructor(item: Item) {
    this.#item = { ...item };
  }

  /**
   * Requires the map or the list that has the last step of a path.
   * @throws {AwsError} if it is missing
   */
  requireParent(path: DocumentPath): void {
    this.#container(path);
  }

  /**
   * Sets the value at a path. An index after the end of a list appends the value.
   * @throws {AwsError} if the map or the list is missing, or if the value is too deep
   */
  set(path: DocumentPath, value: AttributeValue): void {
    // A level of a value is two levels of its JSON.
    if (isDeeperThan(2 * (MAXIMUM_DEPTH + 1 - path.length), value))
      throw validationError('Nesting Levels have exceeded supported limits');
    const container = this.#container(path);
    const step = path.at(-1);
    if (!Array.isArray(container)) setOwn(container, String(step), value);
    else if (Number(step) < container.length) container[Number(step)] = value;
    else this.#appended.set(container, [...(this.#appended.get(container) ?? []), [Number(step), value]]);
  }

  /**
   * Removes the value at a path, if there is one.
   * @throws {AwsError} if the map or the list is missing
   */
  remove(path: DocumentPath): void {
    const container = this.#container(path);
    const step = path.at(-1);
    if (!Array.isArray(container)) delete container[String(step)];
    else this.#removed.set(container, (this.#removed.get(container) ?? new Set()).add(Number(step)));
  }

  /** Returns the item after the update. */
  complete(): Item {
    for (const [list, removed] of this.#removed)
      list.splice(0, list.length, ...list.filter((_, index) => !removed.has(index)));
    for (const [list, appended] of this.#appended)
      list.push(...appended.sort(([one], [other]) => one - other).map(([, value]) => value));
    return this.#item;
  }

  /** Returns the map or the list of the last step, copied. */
  #container(path: DocumentPath): Container {
    let container: Container = this.#item;
    for (const step of path.slice(0, -1)) container = this.#copied(container, step);
    if (Array.isArray(container) !== (typeof path.at(-1) === 'number')) throw invalidPath();
    return container;
  }

  #copied(container: Container, step: string | number): Container {
    if (Array.isArray(container) !== (typeof step === 'number')) throw invalidPath();
    const value = Array.isArray(container) ? container[Number(step)] : own(container, step);
    const child = value?.M ?? value?.L;
    if (!child) throw invalidPath();
    if (this.#copies.has(child)) return child;
    const copy = Array.isArray(child) ? { L: [...child] } : { M: { ...child } };
    if (Array.isArray(container)) container[Number(step)] = copy;
    else setOwn(container, String(step), copy);
    const copied = copy.L ?? copy.M;
    this.#copies.add(copied);
    return copied;
  }
}

function invalidPath(): AwsError {
  return validationError('The document path provided in the update expression is invalid for update');
}

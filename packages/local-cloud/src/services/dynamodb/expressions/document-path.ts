import type { AttributeValue } from 'aws-lambda';
import type { Item } from 'dynalite/db/index.js';
import { invalid } from './invalid-expression.ts';

/** The names of attributes and the indexes of lists that lead to a value. */
export type DocumentPath = (string | number)[];

/** Returns the value at a path; `undefined` if the item has none there. */
export function valueAt(item: Item, [name = '', ...steps]: DocumentPath): AttributeValue | undefined {
  let value = own(item, name);
  for (const step of steps) {
    if (!value) return undefined;
    value = typeof step === 'number' ? value.L?.[step] : value.M && own(value.M, step);
  }
  return value;
}

/** Returns an attribute by its name, whatever the name is: also `constructor` or `toString`. */
export function own(item: Item, name: string | number): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/**
 * Throws if one of the paths contains another, or if they need a value to be a list and a map. The
 * paths are compared as a tree, so that the effort is proportional to their lengths.
 */
export function refuseOverlaps(paths: readonly DocumentPath[]): void {
  const root: Node = { children: new Map() };
  for (const path of paths) {
    let node = root;
    for (const step of path) {
      if (node.end) throw overlap('overlap', node.end, path);
      const other = node.children.values().next().value;
      if (other && typeof other.step !== typeof step) throw overlap('conflict', anyEnd(other), path);
      const child = node.children.get(step) ?? { step, children: new Map() };
      node.children.set(step, child);
      node = child;
    }
    if (node.end || node.children.size > 0) throw overlap('overlap', anyEnd(node), path);
    node.end = path;
  }
}

interface Node {
  step?: string | number;
  children: Map<string | number, Node>;
  /** The path that ends here. */
  end?: DocumentPath;
}

function anyEnd(node: Node): DocumentPath {
  let found = node;
  for (let next: Node | undefined = node; next && !found.end; next = next.children.values().next().value)
    found = next;
  return found.end ?? [];
}

function overlap(how: 'overlap' | 'conflict', one: DocumentPath, other: DocumentPath): Error {
  return invalid(`Two document paths ${how} with each other; must remove or rewrite one of these paths`, {
    'path one': printed(one),
    'path two': printed(other),
  });
}

/** Returns a path as DynamoDB prints it, e.g. `[entities, persons, [0]]`. */
export function printed(path: DocumentPath): string {
  return `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;
}

/** Sets an attribute by its name, whatever the name is: also `__proto__`. */
export function setOwn(item: Item, name: string, value: AttributeValue): void {
  if (name !== '__proto__') item[name] = value;
  else Object.defineProperty(item, name, { value, enumerable: true, configurable: true, writable: true });
}

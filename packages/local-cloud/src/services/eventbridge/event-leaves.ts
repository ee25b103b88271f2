import { isJsonObject, isScalar, type JsonObject, type Scalar } from './comparison.ts';

/** An element of an array in an event. */
export interface Element {
  id: number;
  /** The number of the array. */
  array: number;
  index: number;
  /** The element that contains the array. */
  parent: Element | undefined;
}

/** A scalar value in an event, and the innermost element that contains it. */
export interface Leaf {
  value: Scalar;
  element: Element | undefined;
}

/**
 * Returns the leaves of an event by their paths, without array indexes.
 * @param prefixes the paths to look at, and every path above them
 */
export function collectLeaves(event: JsonObject, prefixes: ReadonlySet<string>): Map<string, Leaf[]> {
  const leaves = new Map<string, Leaf[]>();
  let arrays = 0;
  let elements = 0;
  const visit = (path: string | undefined, node: unknown, parent: Element | undefined): void => {
    if (Array.isArray(node)) {
      const array = arrays++;
      for (const [index, child] of node.entries()) {
        // Plain values of an array combine freely; only elements with fields keep them together.
        visit(path, child, isScalar(child) ? parent : { id: elements++, array, index, parent });
      }
    } else if (isJsonObject(node)) {
      for (const [name, child] of Object.entries(node)) {
        const inner = path === undefined ? name : `${path}.${name}`;
        if (prefixes.has(inner)) visit(inner, child, parent);
      }
    } else if (path !== undefined && isScalar(node)) {
      const found = leaves.get(path) ?? [];
      found.push({ value: node, element: parent });
      leaves.set(path, found);
    }
  };
  visit(undefined, event, undefined);
  return leaves;
}

/** Returns paths and every path above them. */
export function withPrefixes(paths: Iterable<string>): Set<string> {
  const prefixes = new Set<string>();
  for (const path of paths) {
    prefixes.add(path);
    for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1))
      prefixes.add(path.slice(0, dot));
  }
  return prefixes;
}

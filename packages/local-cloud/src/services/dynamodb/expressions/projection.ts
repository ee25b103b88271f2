import type { AttributeValue } from 'aws-lambda';
import type { Item } from 'dynalite/db/index.js';
import { type DocumentPath, own, refuseOverlaps, setOwn } from './document-path.ts';
import type { Placeholders } from './placeholders.ts';
import type { Path } from './syntax.ts';

/** The parts of an item, by the steps that lead to them; a part without steps is wanted as a whole. */
interface Parts extends Map<string | number, Parts> {}

/** A projection expression with the names of its request. */
export interface Projection {
  /** Returns the parts of an item that it has. The elements of a list stay in order, without gaps. */
  of(item: Item): Item;
  paths: DocumentPath[];
}

/**
 * Binds a projection to the names of a request.
 * @throws {InvalidExpression} if a name is not defined, or if paths overlap
 */
export function bindProjection(syntax: Path[], placeholders: Placeholders): Projection {
  const paths = syntax.map((path) => placeholders.path(path));
  refuseOverlaps(paths);
  return projectionOf(paths);
}

/** Returns the projection on some paths, which must not overlap. */
export function projectionOf(paths: DocumentPath[]): Projection {
  const wanted: Parts = new Map();
  for (const path of paths) {
    let parts = wanted;
    for (const step of path) {
      const part: Parts = parts.get(step) ?? new Map();
      parts.set(step, part);
      parts = part;
    }
  }
  return { of: (item) => partsOf(item, wanted) ?? {}, paths };
}

function partsOf(item: Item, wanted: Parts): Item | undefined {
  let found: Item | undefined;
  for (const [name, parts] of wanted) {
    const value = own(item, name);
    const part = value && partOf(value, parts);
    if (!part) continue;
    found ??= {};
    setOwn(found, String(name), part);
  }
  return found;
}

function partOf(value: AttributeValue, wanted: Parts): AttributeValue | undefined {
  if (wanted.size === 0) return value;
  if (value.M) {
    const map = partsOf(value.M, wanted);
    return map && { M: map };
  }
  if (!value.L) return undefined;
  const list = value.L.flatMap((element, index) => {
    const parts = wanted.get(index);
    const part = parts && partOf(element, parts);
    return part ? [part] : [];
  });
  return list.length > 0 ? { L: list } : undefined;
}

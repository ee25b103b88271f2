import type { AttributeValue } from 'aws-lambda';
import type { Item } from 'dynalite/db/index.js';
import { type DocumentPath, own } from './document-path.ts';
import { invalid } from './invalid-expression.ts';
import type { Path, Value } from './syntax.ts';

/** The depth limit of a document path ("Service, account, and table quotas" in the developer guide). */
const MAXIMUM_LEVELS = 32;

/** The names and values that a request defines for its expressions. */
export class Placeholders {
  readonly #names: Record<string, string>;
  readonly #values: Item;
  readonly #unused: Set<string>;

  constructor(names: Record<string, string> = {}, values: Item = {}) {
    this.#names = names;
    this.#values = values;
    this.#unused = new Set([...Object.keys(names), ...Object.keys(values)]);
  }

  /** Returns a path with the names of attributes. */
  path({ steps }: Path): DocumentPath {
    const path = steps.map((step) =>
      typeof step === 'string' && step.startsWith('#') ? this.#name(step) : step,
    );
    if (path.length > MAXIMUM_LEVELS)
      throw invalid('The document path has too many nesting levels', { 'nesting levels': path.length });
    return path;
  }

  value({ name }: Value): AttributeValue {
    const value = own(this.#values, name);
    if (!value)
      throw invalid('An expression attribute value used in expression is not defined', {
        'attribute value': name,
      });
    this.#unused.delete(name);
    return value;
  }

  /** Returns the placeholders that no expression has used, of names (`#`) or of values (`:`). */
  unused(sign: '#' | ':'): string[] {
    return [...this.#unused].filter((placeholder) => placeholder.startsWith(sign));
  }

  #name(placeholder: string): string {
    const name = Object.hasOwn(this.#names, placeholder) ? this.#names[placeholder] : undefined;
    if (name === undefined)
      throw invalid('An expression attribute name used in the document path is not defined', {
        'attribute name': placeholder,
      });
    this.#unused.delete(placeholder);
    return name;
  }
}

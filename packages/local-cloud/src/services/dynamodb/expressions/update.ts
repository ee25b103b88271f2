import type { AttributeValue } from 'aws-lambda';
import type { Item } from 'dynalite/db/index.js';
import type { AwsError } from '../../../core/service.ts';
import { validationError } from '../validation-error.ts';
import { typeOf } from './comparison.ts';
import { refuseSame, requirePath, requireTypes, wrongNumber } from './condition.ts';
import { add } from './decimal.ts';
import { type DocumentPath, refuseOverlaps, valueAt } from './document-path.ts';
import { Draft } from './draft.ts';
import { invalid } from './invalid-expression.ts';
import { MAXIMUM_OPERATORS, tooManyOperators } from './operand-parser.ts';
import type { Placeholders } from './placeholders.ts';
import type { Operand, Parsed, SetValue, Update } from './syntax.ts';

/** An update expression with the names and values of its request. */
export interface BoundUpdate {
  /**
   * Returns the item after the update. Every value is computed from the item before.
   * @throws {AwsError} if the item does not have what the update needs
   */
  applyTo(item: Item): Item;
  /** The paths that the update changes. */
  changed: DocumentPath[];
  /** The paths whose values it reads. */
  read: DocumentPath[];
}

/** A change of one path: its value after the update, `undefined` to remove it. */
interface Change {
  path: DocumentPath;
  value(item: Item): AttributeValue | undefined;
}

/** The value of an operand in the item before, and what is known of it without an item. */
interface Source {
  in(item: Item): AttributeValue;
  path?: DocumentPath;
  type?: string;
}

/**
 * Binds an update to the names and values of a request.
 * @throws {InvalidExpression} the first error of the update
 */
export function bindUpdate({ syntax, operators }: Parsed<Update>, placeholders: Placeholders): BoundUpdate {
  const binder = new UpdateBinder(placeholders);
  const changes = [
    ...syntax.set.map((action) => binder.set(action)),
    ...syntax.remove.map(({ path }) => ({ path: placeholders.path(path), value: () => undefined })),
    ...syntax.add.map((action) => binder.add(action)),
    ...syntax.delete.map((action) => binder.delete(action)),
  ];
  const changed = changes.map(({ path }) => path);
  refuseOverlaps(changed);
  if (operators > MAXIMUM_OPERATORS) throw tooManyOperators();
  return { applyTo: (item) => applied(changes, item), changed, read: binder.read };
}

function applied(changes: readonly Change[], item: Item): Item {
  const draft = new Draft(item);
  for (const { path } of changes) draft.requireParent(path);
  const values = changes.map(({ value }) => value(item));
  for (const [index, { path }] of changes.entries()) {
    const value = values[index];
    if (value) draft.set(path, value);
    else draft.remove(path);
  }
  return draft.complete();
}

class UpdateBinder {
  readonly #placeholders: Placeholders;
  readonly read: DocumentPath[] = [];

  constructor(placeholders: Placeholders) {
    this.#placeholders = placeholders;
  }

  set({ path, value }: Update['set'][number]): Change {
    const bound = this.#placeholders.path(path);
    const source = this.#setValue(value);
    return { path: bound, value: (item) => source.in(item) };
  }

  add(action: Update['add'][number]): Change {
    const { path, value, type } = this.#operands('ADD', action, ['N', 'SS', 'NS', 'BS']);
    return {
      path,
      value: (item) => {
        const old = valueAt(item, path);
        if (!old) return value;
        if (typeOf(old) !== type) throw incorrectType();
        return withMembers(old, value);
      },
    };
  }

  delete(action: Update['delete'][number]): Change {
    const { path, value, type } = this.#operands('DELETE', action, ['SS', 'NS', 'BS']);
    return {
      path,
      value: (item) => {
        const old = valueAt(item, path);
        if (!old) return undefined;
        if (typeOf(old) !== type) throw incorrectType();
        return withoutMembers(old, value);
      },
    };
  }

  #operands(operator: 'ADD' | 'DELETE', action: Update['add'][number], allowed: string[]) {
    const path = this.#placeholders.path(action.path);
    const value = this.#placeholders.value(action.value);
    const type = typeOf(value);
    if (!allowed.includes(type))
      throw invalid('Incorrect operand type for operator or function', {
        operator,
        'operand type': typeNames[type] ?? type,
        typeSet: `ALLOWED_FOR_${operator}_OPERAND`,
      });
    return { path, value, type };
  }

  #setValue(value: SetValue): Source {
    if (value.kind !== 'sum') return this.#source(value);
    const [one, other] = [this.#source(value.operands[0]), this.#source(value.operands[1])];
    requireTypes(value.operator, [one, other], ['N']);
    return {
      type: 'N',
      in: (item) => {
        const left = numberIn(one.in(item));
        return { N: add(left, value.operator, numberIn(other.in(item))) };
      },
    };
  }

  #source(operand: Operand): Source {
    if (operand.kind === 'value') {
      const value = this.#placeholders.value(operand);
      return { in: () => value, type: typeOf(value) };
    }
    if (operand.kind === 'path') {
      const path = this.#placeholders.path(operand);
      this.read.push(path);
      return { path, in: (item) => existing(valueAt(item, path)) };
    }
    const operands = operand.operands.map((each) => this.#source(each));
    const [first, second] = operands;
    if (!first || !second || operands.length !== 2) throw wrongNumber(operand.name, operands.length);
    if (operand.name === 'if_not_exists') return ifNotExists(first, second);
    requireTypes('list_append', operands, ['L']);
    return {
      type: 'L',
      in: (item) => {
        const start = listIn(first.in(item));
        return { L: [...start, ...listIn(second.in(item))] };
      },
    };
  }
}

function ifNotExists(first: Source, otherwise: Source): Source {
  const { path } = first;
  requirePath('if_not_exists', first);
  refuseSame('if_not_exists', [first, otherwise]);
  return {
    in: (item) => {
      const value = otherwise.in(item);
      return (path && valueAt(item, path)) ?? value;
    },
  };
}

/** The names of types in the errors of `ADD` and `DELETE`. */
const typeNames: Record<string, string> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  L: 'LIST',
  M: 'MAP',
};

function existing(value: AttributeValue | undefined): AttributeValue {
  if (value) return value;
  const message = 'The provided expression refers to an attribute that does not exist in the item';
  throw validationError(message);
}

function numberIn({ N }: AttributeValue): string {
  if (N === undefined) throw incorrectType();
  return N;
}

function listIn({ L }: AttributeValue): AttributeValue[] {
  if (!L) throw incorrectType();
  return L;
}

function incorrectType(): AwsError {
  const message = 'An operand in the update expression has an incorrect data type';
  return validationError(message);
}

/** Returns the sum of two numbers, or the union of two sets. */
export function withMembers(old: AttributeValue, value: AttributeValue): AttributeValue {
  if (old.N !== undefined) return { N: add(old.N, '+', value.N ?? '0') };
  return setOf(typeOf(old), [...new Set([...membersOf(old), ...membersOf(value)])]);
}

/** Returns a set without the members of another; `undefined` if none is left. */
export function withoutMembers(old: AttributeValue, value: AttributeValue): AttributeValue | undefined {
  const deleted = new Set(membersOf(value));
  const left = membersOf(old).filter((member) => !deleted.has(member));
  return left.length > 0 ? setOf(typeOf(old), left) : undefined;
}

function membersOf(set: AttributeValue): string[] {
  return set.SS ?? set.NS ?? set.BS ?? [];
}

function setOf(type: string, members: string[]): AttributeValue {
  if (type === 'SS') return { SS: members };
  return type === 'NS' ? { NS: members } : { BS: members };
}

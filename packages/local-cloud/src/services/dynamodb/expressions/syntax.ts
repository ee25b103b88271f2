/**
 * The parsed forms of expressions. They do not depend on the names and values of a request, so that
 * they are kept by their texts.
 */

/**
 * A document path: the names of attributes, placeholders of names, which begin with `#`, and indexes
 * of lists.
 */
export interface Path {
  kind: 'path';
  steps: (string | number)[];
}

/** A placeholder of a value, e.g. `:topic`. */
export interface Value {
  kind: 'value';
  name: string;
}

export interface Call {
  kind: 'call';
  name: string;
  operands: Operand[];
  /** The position in the text. */
  start: number;
}

export type Operand = Path | Value | Call;

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** An operator with its operands: a comparison, `BETWEEN` with two more, or `IN` with a list. */
export interface Operation {
  kind: 'operation';
  operator: Comparator | 'BETWEEN' | 'IN';
  operands: Operand[];
}

export type Condition =
  | Operation
  | Call
  | { kind: 'not'; condition: Condition }
  | { kind: 'and' | 'or'; conditions: Condition[] };

/** The value of `SET`: an operand, or a sum or difference of two. */
export type SetValue = Operand | { kind: 'sum'; operator: '+' | '-'; operands: [Operand, Operand] };

export interface Update {
  set: { path: Path; value: SetValue }[];
  remove: { path: Path }[];
  add: { path: Path; value: Value }[];
  delete: { path: Path; value: Value }[];
}

/** A parsed expression, and the number of its operators and functions. */
export interface Parsed<Syntax> {
  syntax: Syntax;
  operators: number;
}

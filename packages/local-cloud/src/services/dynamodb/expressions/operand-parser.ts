import { type InvalidExpression, invalid } from './invalid-expression.ts';
import { isReserved } from './reserved-words.ts';
import type { Call, Operand, Path, Value } from './syntax.ts';
import { type Token, TokenReader } from './tokens.ts';

/** A kind of expression, by the functions that it allows. */
interface Kind {
  name: string;
  functions: readonly string[];
}

export const conditionKind: Kind = {
  name: 'a condition expression',
  functions: [
    'attribute_exists',
    'attribute_not_exists',
    'attribute_type',
    'begins_with',
    'contains',
    'size',
  ],
};
export const updateKind: Kind = { name: 'an update expression', functions: ['if_not_exists', 'list_append'] };

const functions = new Set([...conditionKind.functions, ...updateKind.functions]);
/** The functions whose result can be an operand. */
const nestable = new Set(['size', 'if_not_exists']);

const MAXIMUM_INDEX = 2 ** 31 - 1;

/**
 * More levels than an accepted expression has: each pair of parentheses surrounds an operator or a
 * function, of which there are 300, or one operand.
 */
const MAXIMUM_DEPTH = 310;

/** The limit of operators and functions ("Service, account, and table quotas" in the developer guide). */
export const MAXIMUM_OPERATORS = 300;

/**
 * Parses operands, and reports errors in the order of DynamoDB: an error of syntax anywhere, also
 * redundant parentheses, and then the first part that is not allowed.
 */
export class OperandParser {
  readonly tokens: TokenReader;
  readonly #kind: Kind;
  /** The number of operators and functions so far. */
  operators = 0;
  /** The most levels of parentheses and functions so far. */
  deepest = 0;
  #depth = 0;
  /** The last group that ended, with the index of the token after it. */
  #lastGroup: { opening: number; end: number } | undefined;
  #disallowed: { position: number; error: InvalidExpression } | undefined;

  /** @throws {InvalidExpression} if the expression is empty or too large */
  constructor(text: string, kind: Kind) {
    this.tokens = new TokenReader(text);
    this.#kind = kind;
  }

  /** @throws {InvalidExpression} the first error of the expression, or if the text goes on */
  finish(): void {
    if (this.tokens.next.kind !== 'end') throw this.tokens.syntaxError();
    if (this.#disallowed) throw this.#disallowed.error;
  }

  /** Keeps the error of a part that DynamoDB reports only if the syntax is correct. */
  disallow({ start }: Pick<Token, 'start'>, error: InvalidExpression): void {
    if (!this.#disallowed || start < this.#disallowed.position) this.#disallowed = { position: start, error };
  }

  /** Counts an operator or a function. */
  count(): void {
    this.operators++;
  }

  /**
   * Parses a pair of parentheses that groups an operand or a condition. A pair is redundant if it
   * contains nothing but another one.
   */
  group<Inner>(parse: () => Inner): Inner {
    const opening = this.tokens.next.start;
    this.tokens.expect('(');
    const first = this.tokens.next.start;
    const inner = this.nested(parse);
    const isOnlyGroup = this.#lastGroup?.opening === first && this.#lastGroup.end === this.tokens.index;
    if (isOnlyGroup && this.tokens.isNext(')')) throw redundantParentheses();
    this.tokens.expect(')');
    this.#lastGroup = { opening, end: this.tokens.index };
    return inner;
  }

  /** Parses a level more deeply nested, up to a bound. */
  nested<Inner>(parse: () => Inner): Inner {
    if (++this.#depth > MAXIMUM_DEPTH)
      throw this.operators > MAXIMUM_OPERATORS ? tooManyOperators() : redundantParentheses();
    this.deepest = Math.max(this.deepest, this.#depth);
    const inner = parse();
    this.#depth--;
    return inner;
  }

  /** Parses a list of one or more, separated by commas. */
  list<Element>(parse: () => Element): Element[] {
    const elements = [parse()];
    while (this.tokens.skip(',')) elements.push(parse());
    return elements;
  }

  operand(): Operand {
    const { kind } = this.tokens.next;
    if (this.tokens.isNext('(')) return this.group(() => this.operand());
    if (kind === 'value') return this.value();
    const { kind: symbol, text } = this.tokens.following;
    return kind === 'name' && symbol === 'symbol' && text === '(' ? this.#call() : this.path();
  }

  value(): Value {
    if (this.tokens.next.kind !== 'value') throw this.tokens.syntaxError();
    return { kind: 'value', name: this.tokens.take().text };
  }

  path(): Path {
    const steps: Path['steps'] = [this.#name()];
    for (;;) {
      if (this.tokens.skip('.')) steps.push(this.#name());
      else if (this.tokens.skip('[')) {
        steps.push(this.#index());
        this.tokens.expect(']');
      } else return { kind: 'path', steps };
    }
  }

  #name(): string {
    const { kind, text } = this.tokens.next;
    if (kind !== 'name' && kind !== 'nameAlias') throw this.tokens.syntaxError();
    const token = this.tokens.take();
    if (kind === 'name' && isReserved(text))
      this.disallow(token, invalid('Attribute name is a reserved keyword', { 'reserved keyword': text }));
    return text;
  }

  #index(): number {
    if (this.tokens.next.kind !== 'index') throw this.tokens.syntaxError();
    const token = this.tokens.take();
    if (Number(token.text) > MAXIMUM_INDEX)
      this.disallow(
        token,
        invalid('List index is not within the allowable range', { index: `[${token.text}]` }),
      );
    return Number(token.text);
  }

  #call(): Call {
    const token = this.tokens.take();
    const name = token.text;
    this.count();
    if (!functions.has(name)) this.disallow(token, invalid('Invalid function name', { function: name }));
    else if (!this.#kind.functions.includes(name))
      this.disallow(token, invalid(`The function is not allowed in ${this.#kind.name}`, { function: name }));
    this.tokens.expect('(');
    const operands = this.nested(() => this.list(() => this.operand()));
    this.tokens.expect(')');
    for (const operand of operands) if (operand.kind === 'call') this.requireNestable(operand);
    return { kind: 'call', name, operands, start: token.start };
  }

  /** Disallows a function whose result cannot be an operand. */
  requireNestable(call: Call): void {
    if (!nestable.has(call.name)) this.disallow(call, misused(call));
  }
}

export function misused({ name }: Call): InvalidExpression {
  return invalid('The function is not allowed to be used this way in an expression', { function: name });
}

export function tooManyOperators(): InvalidExpression {
  return invalid('The expression contains too many operators', { 'operator count': MAXIMUM_OPERATORS + 1 });
}

function redundantParentheses(): InvalidExpression {
  return invalid('The expression has redundant parentheses');
}

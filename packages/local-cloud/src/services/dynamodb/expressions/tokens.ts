import { InvalidExpression, invalid } from './invalid-expression.ts';

/** A part of an expression's text. The last token of each text is its `end`. */
export interface Token {
  kind: 'name' | 'keyword' | 'nameAlias' | 'value' | 'index' | 'symbol' | 'end';
  /** The text; of a keyword in upper case. */
  text: string;
  start: number;
  end: number;
}

/** The size limit of an expression ("Service, account, and table quotas" in the developer guide). */
const MAXIMUM_BYTES = 4096;

/** Each alternative is tried at one position, and takes at least one character: this is linear. */
const pattern =
  /[ \t\r\n]*(?:([a-zA-Z][a-zA-Z0-9_]*)|(#[a-zA-Z0-9_]+)|(:[a-zA-Z0-9_]+)|(0|[1-9][0-9]*)|(<=|>=|<>|[^ \t\r\n]))/y;
const kinds = ['name', 'nameAlias', 'value', 'index', 'symbol'] as const;

const keywords = new Set(['ADD', 'AND', 'BETWEEN', 'DELETE', 'IN', 'NOT', 'OR', 'REMOVE', 'SET']);

/** Reads the tokens of an expression, in order. */
export class TokenReader {
  readonly #text: string;
  readonly #tokens: Token[];
  #position = 0;
  /** The number of tokens looked at, which is proportional to their number. */
  steps = 0;

  /** @throws {InvalidExpression} if the expression is empty or too large */
  constructor(text: string) {
    if (text === '') throw new InvalidExpression('The expression can not be empty;');
    const size = Buffer.byteLength(text);
    if (size > MAXIMUM_BYTES)
      throw invalid('Expression size has exceeded the maximum allowed size', { 'expression size': size });
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  /** The index of the next token. */
  get index(): number {
    return this.#position;
  }

  get next(): Token {
    this.steps++;
    return this.#at(this.#position);
  }

  /** The token after `next`. */
  get following(): Token {
    this.steps++;
    return this.#at(this.#position + 1);
  }

  /** Returns the next token, and moves on. */
  take(): Token {
    const token = this.next;
    this.#position++;
    return token;
  }

  /** Moves on if the next token is this symbol or keyword. */
  skip(text: string): boolean {
    const isNext = this.isNext(text);
    if (isNext) this.#position++;
    return isNext;
  }

  isNext(text: string): boolean {
    const { kind, text: found } = this.next;
    return found === text && (kind === 'symbol' || kind === 'keyword');
  }

  /** @throws {InvalidExpression} if the next token is not this symbol or keyword */
  expect(text: string): void {
    if (!this.skip(text)) throw this.syntaxError();
  }

  /** Returns the error of an unexpected token, with its neighbours. */
  syntaxError(): InvalidExpression {
    const { start, end, kind } = this.next;
    const token = kind === 'end' ? '<EOF>' : this.#text.slice(start, end);
    const from = this.#position > 0 ? this.#at(this.#position - 1).start : 0;
    const following = this.following;
    const to = following.kind === 'end' ? this.#text.length : following.end;
    return invalid('Syntax error', { token: `"${token}"`, near: `"${this.#text.slice(from, to)}"` });
  }

  #at(position: number): Token {
    const end = this.#text.length;
    return this.#tokens[position] ?? { kind: 'end', text: '', start: end, end };
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const group = match.findIndex((found, index) => index > 0 && found !== undefined);
    const found = match[group] ?? '';
    const end = pattern.lastIndex;
    const token: Token = { kind: kinds[group - 1] ?? 'symbol', text: found, start: end - found.length, end };
    const keyword = found.toUpperCase();
    tokens.push(
      token.kind === 'name' && keywords.has(keyword) ? { ...token, kind: 'keyword', text: keyword } : token,
    );
  }
  return tokens;
}

import { invalid } from './invalid-expression.ts';
import { misused, OperandParser, updateKind } from './operand-parser.ts';
import type { Operand, Parsed, SetValue, Update } from './syntax.ts';

/** Parses an update expression. */
export class UpdateParser extends OperandParser {
  readonly #update: Update = { set: [], remove: [], add: [], delete: [] };

  constructor(text: string) {
    super(text, updateKind);
  }

  /** @throws {InvalidExpression} the first error of the expression */
  parse(): Parsed<Update> {
    const sections: string[] = [];
    do {
      sections.push(this.tokens.next.text);
      this.#section();
    } while (this.tokens.next.kind !== 'end');
    this.finish();
    const repeated = sections.find((section, index) => sections.indexOf(section) < index);
    if (repeated) throw invalid(`The "${repeated}" section can only be used once in an update expression`);
    return { syntax: this.#update, operators: this.operators };
  }

  #section(): void {
    const { set, remove, add, delete: deleted } = this.#update;
    if (this.tokens.skip('SET')) set.push(...this.list(() => this.#assignment()));
    else if (this.tokens.skip('REMOVE')) remove.push(...this.list(() => ({ path: this.path() })));
    else if (this.tokens.skip('ADD')) add.push(...this.list(() => this.#pathAndValue()));
    else if (this.tokens.skip('DELETE')) deleted.push(...this.list(() => this.#pathAndValue()));
    else throw this.tokens.syntaxError();
  }

  #assignment(): Update['set'][number] {
    const path = this.path();
    this.tokens.expect('=');
    return { path, value: this.#setValue() };
  }

  #pathAndValue(): Update['add'][number] {
    return { path: this.path(), value: this.value() };
  }

  /** Parses an operand or a sum, each of which can be in parentheses. */
  #setValue(): SetValue {
    const first = this.tokens.isNext('(') ? this.group(() => this.#setValue()) : this.operand();
    if (first.kind === 'sum') return first;
    const operator = this.tokens.isNext('+') ? '+' : this.tokens.isNext('-') ? '-' : undefined;
    if (!operator) return first;
    this.tokens.take();
    this.count();
    const operands: [Operand, Operand] = [first, this.operand()];
    for (const operand of operands)
      if (operand.kind === 'call' && operand.name === 'list_append') this.disallow(operand, misused(operand));
    return { kind: 'sum', operator, operands };
  }
}

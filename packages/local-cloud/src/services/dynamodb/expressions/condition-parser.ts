import { conditionKind, misused, OperandParser } from './operand-parser.ts';
import type { Comparator, Condition, Operand, Operation, Parsed } from './syntax.ts';

const comparators = new Map<string, Comparator>([
  ['=', '='],
  ['<>', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/** Parses the expression of a condition, a filter or a key condition. */
export class ConditionParser extends OperandParser {
  constructor(text: string) {
    super(text, conditionKind);
  }

  /** @throws {InvalidExpression} the first error of the expression */
  parse(): Parsed<Condition> {
    const syntax = this.#asCondition(this.#or());
    this.finish();
    return { syntax, operators: this.operators };
  }

  /**
   * Parses conditions, or a lone operand: parentheses can contain either, and only the token after
   * them shows which.
   */
  #or(): Condition | Operand {
    return this.#chain('or', () => this.#chain('and', () => this.#not()));
  }

  #chain(kind: 'and' | 'or', parse: () => Condition | Operand): Condition | Operand {
    const first = parse();
    const keyword = kind.toUpperCase();
    if (!this.tokens.isNext(keyword)) return first;
    const conditions = [this.#asCondition(first)];
    while (this.tokens.skip(keyword)) {
      this.count();
      conditions.push(this.#asCondition(parse()));
    }
    return { kind, conditions };
  }

  #not(): Condition | Operand {
    let isNegated = false;
    let operators = 0;
    for (; this.tokens.skip('NOT'); operators++) isNegated = !isNegated;
    for (let n = 0; n < operators; n++) this.count();
    if (operators === 0) return this.#primary();
    const condition = this.#asCondition(this.#primary());
    return isNegated ? { kind: 'not', condition } : condition;
  }

  #primary(): Condition | Operand {
    const first = this.tokens.isNext('(') ? this.group(() => this.#or()) : this.operand();
    return isOperand(first) ? this.#operation(first) : first;
  }

  /** Parses the operator after an operand. Returns the operand if no operator follows. */
  #operation(first: Operand): Operation | Operand {
    const { kind, text } = this.tokens.next;
    const comparator = kind === 'symbol' ? comparators.get(text) : undefined;
    if (comparator) {
      this.tokens.take();
      return this.#operationOf(comparator, [first, this.operand()]);
    }
    if (this.tokens.skip('IN')) {
      this.tokens.expect('(');
      const list = this.list(() => this.operand());
      this.tokens.expect(')');
      return this.#operationOf('IN', [first, ...list]);
    }
    if (this.tokens.skip('BETWEEN')) {
      const lower = this.operand();
      this.tokens.expect('AND');
      return this.#operationOf('BETWEEN', [first, lower, this.operand()]);
    }
    return first;
  }

  #operationOf(operator: Operation['operator'], operands: Operand[]): Operation {
    this.count();
    for (const operand of operands) if (operand.kind === 'call') this.requireNestable(operand);
    return { kind: 'operation', operator, operands };
  }

  /** A lone operand is a condition only if it is a function that returns one. */
  #asCondition(node: Condition | Operand): Condition {
    if (node.kind === 'path' || node.kind === 'value') throw this.tokens.syntaxError();
    if (node.kind === 'call' && node.name === 'size') this.disallow(node, misused(node));
    return node;
  }
}

function isOperand(node: Condition | Operand): node is Operand {
  return node.kind === 'path' || node.kind === 'value' || node.kind === 'call';
}

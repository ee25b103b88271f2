import { AwsError } from '../../core/service.ts';
import {
  absent,
  compileComparison,
  isJsonObject,
  isOperator,
  isScalar,
  type JsonObject,
  refuse,
  type Scalar,
  type ValueTest,
} from './comparison.ts';

/** Returns whether an event matches. A value that is not a JSON object matches no pattern. */
export type EventMatcher = (event: unknown) => boolean;

/**
 * Compiles an event pattern: the whole comparison language of the EventBridge User Guide,
 * "Comparison operators for use in event patterns". Where the guide is silent, it follows
 * aws/event-ruler, the matcher of EventBridge:
 *
 * - names joined by a dot are one path: `{"a.b": […]}` and `{"a": {"b": […]}}` are the same
 *   pattern;
 * - an array in the event stands for its elements, but two fields must not come from different
 *   elements of it;
 * - only leaves exist: a field that holds an object or an empty array does not;
 * - `anything-but` matches any leaf, even `null`, that does not match its operand; a missing field
 *   never matches.
 *
 * @param source the pattern, as JSON text or parsed
 * @throws {InvalidEventPattern} if it is not a pattern, or contains a path twice, which AWS leaves
 * undefined
 * @throws {AwsError} `LimitExceededException` if `$or` makes more than 1,000 combinations
 */
export function compileEventPattern(source: unknown): EventMatcher {
  const rules = compileRules(source);
  return (event) => {
    if (!isJsonObject(event)) return false;
    const leaves = collectLeaves(event);
    return rules.some((tests) => satisfies(tests, leaves, new Map()));
  };
}

/**
 * Returns a function that explains a mismatch, e.g.
 * `detail.post.topic is "winter", and not one of ["summer"]`; it returns `undefined` if the event
 * matches. If the pattern has an `$or`, it explains the closest of its combinations.
 * @param source as for `compileEventPattern`, with the same errors
 */
export function explainMismatch(source: unknown): (event: unknown) => string | undefined {
  const rules = compileRules(source);
  return (event) => {
    if (!isJsonObject(event)) return 'The event is not a JSON object.';
    const leaves = collectLeaves(event);
    if (rules.some((tests) => satisfies(tests, leaves, new Map()))) return undefined;
    const failures = rules.map((tests) => tests.filter((test) => !satisfies([test], leaves, new Map())));
    const [least = []] = failures.toSorted((one, other) => one.length - other.length);
    if (least.length > 0) return least.map((test) => explainTest(test, leaves.get(test.path))).join('; ');
    return 'Each part of the pattern matches, but no element of an array matches all that is asked of it.';
  };
}

function explainTest({ path, expected, mayBeAbsent }: FieldTest, found: Leaf[] = []): string {
  if (found.length === 0) return `${path} is absent, and not one of ${JSON.stringify(expected)}`;
  const values = found.slice(0, MAXIMUM_EXPLAINED).map(({ value }) => JSON.stringify(value));
  const more = found.length > values.length ? ` and ${found.length - values.length} more` : '';
  const isAbsenceAlone = mayBeAbsent && expected.length === 1;
  return `${path} is ${values.join(', ')}${more}, and not ${isAbsenceAlone ? 'absent' : `one of ${JSON.stringify(expected)}`}`;
}

/**
 * Compiles a pattern to one list of field tests for each combination.
 * @throws {InvalidEventPattern | AwsError} as `compileEventPattern`
 */
function compileRules(source: unknown): FieldTest[][] {
  const pattern = typeof source === 'string' ? parsePattern(source) : source;
  if (!isJsonObject(pattern)) refuse('Filter is not an object');
  // Absence depends on the elements chosen for the paths before, so the order of paths matters.
  return compileObject(pattern, '', [new Map()]).map((rule) =>
    [...rule.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  );
}

/**
 * Returns the branches of an `$or`; `undefined` for an ordinary field. An `$or` has at least two
 * objects, none with a field named like an operator.
 */
export function orBranches(name: string, value: unknown): JsonObject[] | undefined {
  if (name !== '$or' || !Array.isArray(value) || value.length < 2) return undefined;
  const branches: unknown[] = value;
  return branches.every(isOrBranch) ? branches : undefined;
}

/**
 * The condition of a pattern on one path: a value passes one of `tests`, or there is no value and
 * `mayBeAbsent` is set.
 */
interface FieldTest {
  path: string;
  /** In the form of the pattern. */
  expected: unknown[];
  tests: ValueTest[];
  mayBeAbsent: boolean;
}

/** One combination of the branches of all `$or`s, by path. All its field tests must hold. */
type Rule = ReadonlyMap<string, FieldTest>;

/**
 * The arrays of the event that contain a leaf, by their numbers, with the index of the element in
 * each.
 */
type Position = ReadonlyMap<number, number>;

interface Leaf {
  value: Scalar;
  position: Position;
}

const maxCombinations = 1_000;

/** The maximum number of values of a field that an explanation contains. */
const MAXIMUM_EXPLAINED = 5;

function parsePattern(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    refuse(error instanceof Error ? error.message : 'Not JSON');
  }
}

function isOrBranch(branch: unknown): branch is JsonObject {
  return isJsonObject(branch) && !Object.keys(branch).some(isOperator);
}

/**
 * Adds the conditions of `pattern` on the fields below `prefix` to each of `rules`; an `$or`
 * multiplies the rules.
 */
function compileObject(pattern: JsonObject, prefix: string, rules: Rule[]): Rule[] {
  const entries = Object.entries(pattern);
  if (entries.length === 0) refuse('Empty objects are not allowed');
  return entries.reduce((sofar, [name, value]) => {
    const branches = orBranches(name, value);
    if (branches) return limited(branches.flatMap((branch) => compileObject(branch, prefix, sofar)));
    if (isJsonObject(value)) return compileObject(value, `${prefix}${name}.`, sofar);
    if (!Array.isArray(value)) refuse(`"${name}" must be an object or an array`);
    const test = compileField(`${prefix}${name}`, value);
    return sofar.map((rule) => {
      if (rule.has(test.path)) refuse(`Path \`${test.path}\` occurs more than once`);
      return new Map(rule).set(test.path, test);
    });
  }, rules);
}

function limited(rules: Rule[]): Rule[] {
  if (rules.length > maxCombinations) {
    throw new AwsError(
      'LimitExceededException',
      `The event pattern has more than ${maxCombinations} combinations of $or`,
    );
  }
  return rules;
}

function compileField(path: string, values: unknown[]): FieldTest {
  if (values.length === 0) refuse('Empty arrays are not allowed');
  const tests = values.map(compileComparison);
  return { path, expected: values, tests, mayBeAbsent: tests.includes(absent) };
}

/** Returns the leaves of the event, by their paths without array indexes. */
function collectLeaves(event: JsonObject): Map<string, Leaf[]> {
  const leaves = new Map<string, Leaf[]>();
  let arrays = 0;
  const visit = (path: string, node: unknown, position: Position): void => {
    if (Array.isArray(node)) {
      const array = arrays++;
      for (const [index, element] of node.entries()) {
        // Plain values of an array combine freely; only elements with fields keep them together.
        visit(path, element, isScalar(element) ? position : new Map(position).set(array, index));
      }
    } else if (isJsonObject(node)) {
      for (const [name, child] of Object.entries(node)) visit(`${path}.${name}`, child, position);
    } else if (isScalar(node)) {
      const found = leaves.get(path) ?? [];
      found.push({ value: node, position });
      leaves.set(path, found);
    }
  };
  for (const [name, child] of Object.entries(event)) visit(name, child, new Map());
  return leaves;
}

/**
 * Returns whether leaves exist for all `tests` that agree with `chosen` on the element of every
 * shared array.
 */
function satisfies(tests: FieldTest[], leaves: Map<string, Leaf[]>, chosen: Position): boolean {
  const [test, ...rest] = tests;
  if (!test) return true;
  const present = (leaves.get(test.path) ?? []).filter(({ position }) => agree(position, chosen));
  if (test.mayBeAbsent && present.length === 0) return satisfies(rest, leaves, chosen);
  const matching = present.filter(({ value }) => test.tests.some((holds) => holds(value)));
  // A leaf outside of arrays does not restrict the other tests, so the other leaves need no trial.
  const free = matching.find(({ position }) => position.size === 0);
  if (free) return satisfies(rest, leaves, chosen);
  return matching.some(({ position }) => satisfies(rest, leaves, new Map([...chosen, ...position])));
}

function agree(position: Position, chosen: Position): boolean {
  return [...position].every(([array, index]) => (chosen.get(array) ?? index) === index);
}

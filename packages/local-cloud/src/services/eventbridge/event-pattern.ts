import { isDeeperThan } from '../../core/depth.ts';
import { AwsError } from '../../core/service.ts';
import { isJsonObject, isOperator, type JsonObject, refuse } from './comparison.ts';
import { type Candidates, candidatesOf, ElementChoice } from './element-choice.ts';
import { collectLeaves, type Leaf, withPrefixes } from './event-leaves.ts';
import { compileField, type FieldTest } from './field-test.ts';
import { Steps } from './steps.ts';
import { isTooComplex, type WildcardComparison } from './wildcard-complexity.ts';

/**
 * Returns whether an event matches. A value that is not a JSON object matches no pattern.
 * @param steps counts the steps that it takes
 * @throws {AwsError} `LimitExceededException` if it takes too many steps
 */
export type EventMatcher = (event: unknown, steps?: Steps) => boolean;

/** Source: EventBridge API Reference, `PutRule`; Lambda API Reference, `Filter`. */
export const MAXIMUM_PATTERN_LENGTH = 4096;

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
 * @throws {InvalidEventPattern} if it is not a pattern, its wildcards are too complex, or it
 * contains a path twice, which AWS leaves undefined
 * @throws {AwsError} `LimitExceededException` if `$or` makes more than 1,000 combinations
 */
export function compileEventPattern(source: unknown): EventMatcher {
  const rules = compileRules(source);
  const prefixes = withPrefixes(rules.flatMap((tests) => tests.map(({ path }) => path)));
  return (event, steps = new Steps()) => {
    if (!isJsonObject(event)) return false;
    const leaves = collectLeaves(event, prefixes);
    const candidates = candidatesByTest(leaves, steps);
    return rules.some((tests) => satisfies(tests, candidates, steps));
  };
}

/**
 * Returns a function that explains a mismatch, e.g. `detail.post.topic is "winter", and not one of
 * ["summer"]`; it returns `undefined` if the event matches. Of the combinations of an `$or`, it
 * explains the closest one.
 * @param source as for `compileEventPattern`, with the same errors
 */
export function explainMismatch(source: unknown): (event: unknown) => string | undefined {
  const rules = compileRules(source);
  const prefixes = withPrefixes(rules.flatMap((tests) => tests.map(({ path }) => path)));
  return (event) => {
    if (!isJsonObject(event)) return 'The event is not a JSON object.';
    const leaves = collectLeaves(event, prefixes);
    const candidates = candidatesByTest(leaves, new Steps());
    if (rules.some((tests) => satisfies(tests, candidates, new Steps()))) return undefined;
    const failures = rules.map((tests) =>
      tests.filter((test) => !satisfies([test], candidates, new Steps())),
    );
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
  if (isDeeperThan(MAXIMUM_DEPTH, pattern)) refuse('Filter is nested too deeply');
  // Absence depends on the elements chosen for the paths before, so the order of paths matters.
  const rules = compileObject(pattern, '', [new Map()]).map((rule) =>
    [...rule.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  );
  refuseComplexWildcards(rules);
  return rules;
}

/** Refuses wildcards that are too complex together with those of the same field. */
function refuseComplexWildcards(rules: FieldTest[][]): void {
  const fields = new Map<string, Map<string, WildcardComparison>>();
  for (const rule of rules) {
    if (!rule.some(({ wildcards }) => wildcards.length > 0)) continue;
    // EventBridge reaches a field only by the comparisons of the fields before it.
    let before = '';
    for (const { path, expected, wildcards } of rule) {
      const field = fields.get(`${before}${path}`) ?? new Map<string, WildcardComparison>();
      fields.set(`${before}${path}`, field);
      for (const wildcard of wildcards) field.set(wildcard.identity, wildcard);
      before += `${path} ${JSON.stringify(expected)} `;
    }
  }
  for (const field of fields.values()) {
    if (isTooComplex([...field.values()]))
      refuse(
        'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
      );
  }
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

/** One combination of the branches of all `$or`s, by path. All its field tests must hold. */
type Rule = Map<string, FieldTest>;

const maxCombinations = 1_000;

/** AWS documents no such limit. This one is far below the depth at which recursion fails. */
const MAXIMUM_DEPTH = 1_000;

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
 * Adds the conditions of `pattern` on the fields below `prefix` to each of `rules`, in place; an
 * `$or` multiplies the rules.
 */
function compileObject(pattern: JsonObject, prefix: string, rules: Rule[]): Rule[] {
  const entries = Object.entries(pattern);
  if (entries.length === 0) refuse('Empty objects are not allowed');
  return entries.reduce((sofar, [name, value]) => {
    const branches = orBranches(name, value);
    if (branches) {
      const all: Rule[] = [];
      for (const branch of branches) {
        const copies = sofar.map((rule) => new Map(rule));
        all.push(...compileObject(branch, prefix, copies));
        refuseManyCombinations(all);
      }
      return all;
    }
    if (isJsonObject(value)) return compileObject(value, `${prefix}${name}.`, sofar);
    if (!Array.isArray(value)) refuse(`"${name}" must be an object or an array`);
    const test = compileField(`${prefix}${name}`, value);
    for (const rule of sofar) {
      if (rule.has(test.path)) refuse(`Path \`${test.path}\` occurs more than once`);
      rule.set(test.path, test);
    }
    return sofar;
  }, rules);
}

function refuseManyCombinations(rules: Rule[]): void {
  if (rules.length > maxCombinations) {
    throw new AwsError(
      'LimitExceededException',
      `The event pattern has more than ${maxCombinations} combinations of $or`,
    );
  }
}

type CandidatesOf = (test: FieldTest) => Candidates | boolean;

/** Returns a function that finds the candidates of a test once, although many rules contain it. */
function candidatesByTest(leaves: ReadonlyMap<string, Leaf[]>, steps: Steps): CandidatesOf {
  const known = new Map<FieldTest, Candidates | boolean>();
  return (test) => {
    const candidates = known.get(test) ?? candidatesOf(test, leaves.get(test.path) ?? [], steps);
    known.set(test, candidates);
    return candidates;
  };
}

/**
 * Returns whether leaves exist for all `tests` that come from the same element of every array that
 * they share.
 */
function satisfies(tests: readonly FieldTest[], find: CandidatesOf, steps: Steps): boolean {
  const undecided: Candidates[] = [];
  for (const test of tests) {
    steps.take();
    const candidates = find(test);
    if (candidates === false) return false;
    if (candidates !== true) undecided.push(candidates);
  }
  return new ElementChoice(undecided, steps).exists();
}

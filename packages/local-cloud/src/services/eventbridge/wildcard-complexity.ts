import { parseWildcard, STAR } from './wildcard.ts';

/**
 * The complexity above which EventBridge refuses a pattern. AWS does not document it: of the recorded
 * patterns, the most complex one that it accepts has 8, the simplest one that it refuses 11.
 */
const MAXIMUM_COMPLEXITY = 10;

/** A pattern whose automaton has more sets of states counts as too complex, to bound the search. */
const MAXIMUM_SETS = 10_000;

/** A comparison with its wildcards: several for a list in `anything-but`. */
export interface WildcardComparison {
  /** Equal for equal comparisons, which count once. */
  identity: string;
  wildcards: readonly string[];
}

/** A beginning of wildcards. */
class State {
  /** The comparisons that continue here. */
  readonly comparisons = new Set<string>();
  /** The states after a byte. */
  readonly next = new Map<number, Set<State>>();
  /** The state after a byte, for the wildcards with the same text before the first `*`. */
  readonly shared = new Map<number, State>();
  /** The state of the `*` that follows. */
  star: State | undefined;
  readonly isStar: boolean;

  constructor(isStar: boolean) {
    this.isStar = isStar;
  }

  link(byte: number, state: State): void {
    this.next.set(byte, (this.next.get(byte) ?? new Set()).add(state));
  }
}

/**
 * Returns whether EventBridge refuses the comparisons of one field as too complex. The complexity is
 * the largest number of beginnings of wildcards that match the same text.
 * Source: aws/event-ruler, "MachineComplexityEvaluator".
 */
export function isTooComplex(comparisons: readonly WildcardComparison[]): boolean {
  const root = automaton(comparisons);
  const seen = new Set<string>();
  const ids = new Map<State, number>();
  const idOf = (state: State): number => {
    const id = ids.get(state) ?? ids.size;
    ids.set(state, id);
    return id;
  };
  const pending = [new Set([root])];
  for (let active = pending.pop(); active; active = pending.pop()) {
    for (const states of successors(active)) {
      if (complexityOf(states) > MAXIMUM_COMPLEXITY) return true;
      const key = [...states].map(idOf).sort().join();
      if (seen.has(key)) continue;
      if (seen.size === MAXIMUM_SETS) return true;
      seen.add(key);
      pending.push(states);
    }
  }
  return false;
}

function automaton(comparisons: readonly WildcardComparison[]): State {
  const root = new State(false);
  for (const { identity, wildcards } of comparisons) {
    const end = new State(false);
    for (const wildcard of new Set(wildcards)) addWildcard(root, end, identity, wildcard);
  }
  return root;
}

/** Adds the states of a wildcard, whose text is in quotes as in JSON. */
function addWildcard(root: State, end: State, identity: string, wildcard: string): void {
  const tokens: (number | typeof STAR)[] = [];
  for (const token of parseWildcard(wildcard)) {
    if (token === STAR) tokens.push(STAR);
    else tokens.push(...Buffer.from(token));
  }
  const quote = '"'.charCodeAt(0);
  let state = root;
  /** The state before the `*` that was the last token: a `*` may stand for nothing. */
  let skipped: State | undefined;
  let isShared = true;
  const literal = (byte: number, next: State): void => {
    state.link(byte, next);
    skipped?.link(byte, next);
    skipped = undefined;
    next.comparisons.add(identity);
    state = next;
  };
  for (const token of [quote, ...tokens]) {
    if (token === STAR) {
      const star: State = (isShared ? state.star : undefined) ?? new State(true);
      state.star = star;
      star.comparisons.add(identity);
      skipped = state;
      state = star;
      isShared = false;
    } else if (isShared) {
      const next = state.shared.get(token) ?? new State(false);
      state.shared.set(token, next);
      literal(token, next);
    } else literal(token, new State(false));
  }
  literal(quote, end);
}

/** Yields the sets of states after each byte. */
function* successors(active: ReadonlySet<State>): Generator<Set<State>> {
  const stars = new Set<State>();
  const bytes = new Set<number>();
  for (const state of active) {
    if (state.isStar) stars.add(state);
    if (state.star) stars.add(state.star);
    for (const byte of state.next.keys()) bytes.add(byte);
  }
  if (stars.size > 0) yield stars;
  for (const byte of bytes) {
    const states = new Set(stars);
    for (const state of active) for (const next of state.next.get(byte) ?? []) states.add(next);
    yield states;
  }
}

function complexityOf(states: ReadonlySet<State>): number {
  let complexity = 0;
  for (const { comparisons, star } of states) {
    complexity += comparisons.size;
    if (star && !states.has(star)) complexity += star.comparisons.size;
  }
  return complexity;
}

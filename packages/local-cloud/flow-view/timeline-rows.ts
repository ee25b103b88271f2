import { hopName } from '../src/core/hop.ts';
import type { Step } from '../src/core/steps.ts';
import { groupBy } from './group-by.ts';

/**
 * A row of the timeline: a step, the attempts at one thing, or many things that are the same but
 * for their payload.
 */
export interface TimelineRow {
  /** Stays the same while the trace grows. */
  key: string;
  /** The length of the chain of rows that led to it. */
  depth: number;
  kind: 'step' | 'retries' | 'group';
  /** All steps that the row stands for, in the order in which they began. */
  steps: readonly [Step, ...Step[]];
  /** The number of things that were attempted: 1, except for a group. */
  count: number;
  /** The step that led to it. */
  parent: Step | undefined;
  /** Whether the steps of `retries` or of a `group` have rows of their own below this one. */
  isExpanded: boolean;
}

/** The attempts at one thing. */
type Attempts = [Step, ...Step[]];

/** The number of equal things from which they are a group. */
const GROUP = 5;

/** A row, and what is below it when it is expanded. */
interface Item extends Omit<TimelineRow, 'isExpanded'> {
  parts: (parent: Step | undefined) => Item[];
}

/**
 * Returns the rows of a trace: each below its cause, and those with the same cause in the order in
 * which they began. A step whose cause is missing is at depth 0.
 * @param expanded the keys of the rows whose steps are shown one by one
 */
export function timelineRows(steps: readonly Step[], expanded: ReadonlySet<string>): TimelineRow[] {
  const ids = new Set(steps.map(({ id }) => id));
  const byCause = groupBy(inOrder(steps), ({ cause }) =>
    cause !== undefined && ids.has(cause) ? cause : undefined,
  );
  const rows: TimelineRow[] = [];
  // A stack instead of a recursion: a trace can be thousands of steps deep.
  const left = itemsOf(byCause.get(undefined) ?? [], undefined, 0).reverse();
  for (let item = left.pop(); item; item = left.pop()) {
    const { parts, ...row } = item;
    const isExpanded = expanded.has(row.key) && row.kind !== 'step';
    rows.push({ ...row, isExpanded });
    const [parent] = row.steps;
    const caused = row.steps.flatMap(({ id }) => byCause.get(id) ?? []);
    const below = isExpanded ? parts(row.parent) : itemsOf(inOrder(caused), parent, row.depth + 1);
    left.push(...below.reverse());
  }
  return rows;
}

/** Returns the rows of steps with the same cause, or with causes that share a row. */
function itemsOf(steps: readonly Step[], parent: Step | undefined, depth: number): Item[] {
  const groups = [...groupBy(attemptsIn(steps), ([first]) => sameKey(first)).values()];
  return groups
    .flatMap((things) =>
      things.length >= GROUP
        ? groupItem(things, parent, depth)
        : things.map((attempts) => attemptsItem(attempts, parent, depth)),
    )
    .sort((a, b) => byStart(a.steps[0], b.steps[0]));
}

function groupItem(things: Attempts[], parent: Step | undefined, depth: number): Item[] {
  const [first, ...others] = inOrder(things.flat());
  if (!first) return [];
  return [
    {
      key: `group ${first.id}`,
      depth,
      kind: 'group',
      steps: [first, ...others],
      count: things.length,
      parent,
      parts: (above) => things.map((attempts) => attemptsItem(attempts, above, depth + 1)),
    },
  ];
}

function attemptsItem(attempts: Attempts, parent: Step | undefined, depth: number): Item {
  const [first] = attempts;
  const retried = attempts.length > 1;
  return {
    key: `${retried ? 'retries' : 'step'} ${first.id}`,
    depth,
    kind: retried ? 'retries' : 'step',
    steps: attempts,
    count: 1,
    parent,
    parts: (above) => attempts.map((attempt) => attemptsItem([attempt], above, depth + 1)),
  };
}

/** Joins each retry with the attempts at the same thing before it, of which the last failed. */
function attemptsIn(steps: readonly Step[]): Attempts[] {
  const all: Attempts[] = [];
  const open = new Map<string, Attempts[]>();
  for (const step of steps) {
    const key = sameKey(step);
    const candidates = open.get(key) ?? [];
    const earlier = candidates.find(([first, ...others]) => {
      const last = others.at(-1) ?? first;
      return last.outcome === 'failed' && last.attempt === step.attempt - 1;
    });
    if (earlier) earlier.push(step);
    else {
      const attempts: Attempts = [step];
      all.push(attempts);
      candidates.push(attempts);
      open.set(key, candidates);
    }
  }
  return all;
}

/** Returns the same key for steps that are the same but for their payload. */
function sameKey({ kind, hop, from, to }: Step): string {
  return JSON.stringify([kind, hopName(hop), from, to]);
}

function inOrder(steps: readonly Step[]): Step[] {
  return steps.toSorted(byStart);
}

function byStart(a: Step, b: Step): number {
  return a.startedAt - b.startedAt || a.id - b.id;
}

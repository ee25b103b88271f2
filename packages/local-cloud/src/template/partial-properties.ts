import * as z from 'zod/mini';
import { explainIssue, sentencesOf } from '../core/issue.ts';
import { placeholdersIn } from './placeholder.ts';

/** A reason why properties are not valid. */
interface Issue {
  path: readonly PropertyKey[];
  /** Absent if the value only refers to something that is not supported. */
  sentences: string[];
}

export interface ParsedProperties {
  /** The valid properties, without the parts that are not valid; absent if what remains is not valid. */
  data?: unknown;
  /** Why something is not valid, one sentence each. */
  reasons: string[];
  /**
   * Whether anything is not valid, even if it is only a reference to something that is not
   * supported.
   */
  isPartial: boolean;
}

/**
 * Parses the properties of a resource. Leaves out the items of lists that are not valid, where the
 * resource is still useful without them.
 * @param parts the paths of these lists
 */
export function parsePartly(
  schema: z.ZodMiniType<unknown>,
  properties: unknown,
  parts: readonly string[] = [],
): ParsedProperties {
  const reasons: string[] = [];
  for (let rest = properties, isPartial = false; ; isPartial = true) {
    const { success, data, error } = z.safeParse(schema, rest, { error: explainIssue, reportInput: true });
    if (success) return { data, reasons, isPartial };
    const issues = error.issues.map((issue) => issueIn(rest, issue));
    // Later issues are about what the earlier ones leave.
    if (reasons.length === 0) reasons.push(...issues.flatMap(({ sentences }) => sentences));
    const remaining = withoutParts(rest, issues, parts);
    if (remaining === undefined) return { reasons, isPartial: true };
    rest = remaining;
  }
}

function issueIn(properties: unknown, issue: z.core.$ZodIssue): Issue {
  const isReference =
    issue.code !== 'unrecognized_keys' && placeholdersIn(valueAt(properties, issue.path)).length > 0;
  return { path: issue.path, sentences: isReference ? [] : sentencesOf(issue) };
}

/**
 * Returns the properties without the items that the issues are about; `undefined` if an issue is
 * about something else.
 */
function withoutParts(
  properties: unknown,
  issues: readonly Pick<Issue, 'path'>[],
  parts: readonly string[],
): unknown {
  const items = new Map<string, { list: string; index: number }>();
  for (const { path } of issues) {
    const at = path.findIndex(
      (key, place) => typeof key === 'number' && parts.includes(path.slice(0, place).join('.')),
    );
    const index = path[at];
    if (typeof index !== 'number') return undefined;
    const list = path.slice(0, at).join('.');
    items.set(`${list}.${index}`, { list, index });
  }
  const copy = structuredClone(properties);
  // Starts with the last item, so that the indexes of the others stay valid.
  for (const { list, index } of [...items.values()].sort((one, other) => other.index - one.index)) {
    const found = valueAt(copy, list.split('.'));
    if (!Array.isArray(found)) return undefined;
    found.splice(index, 1);
  }
  return copy;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

import { isDeepStrictEqual } from 'node:util';
import type { Answers, Json } from './answers.ts';
import type { ListedDifference } from './differences.ts';

/**
 * A place where two responses differ. `local` or `reference` is absent if that side has no value
 * there.
 */
export interface Difference {
  service: string;
  call: string;
  path: string;
  local?: Json | undefined;
  reference?: Json | undefined;
}

/** The result of the comparison for one service. */
export interface Comparison {
  service: string;
  calls: number;
  /** Calls whose responses are equal in every field. */
  equal: number;
  /** Calls that differ only in listed places. */
  listed: number;
  unexplained: Difference[];
  /** Listed differences that no longer exist, one line each. */
  outdated: string[];
}

/** Compares the responses of the local cloud with those of a reference, field by field. */
export function compare(
  service: string,
  local: Answers,
  reference: Answers,
  listed: readonly ListedDifference[],
): Comparison {
  const names = [...new Set([...Object.keys(local), ...Object.keys(reference)])];
  const found = names.map((call) => differencesOf({ service, call, path: '' }, local[call], reference[call]));
  const places = listed.filter((entry) => entry.service === service).flatMap((entry) => entry.places);
  const explains = ([call, path, answer]: (typeof places)[number], difference: Difference) =>
    call === difference.call &&
    isWithin(difference.path, path) &&
    isDeepStrictEqual(valueAt(local[call], path), answer);
  const unexplained = found
    .flat()
    .filter((difference) => !places.some((place) => explains(place, difference)));
  const equal = found.filter((differences) => differences.length === 0).length;
  const differing = new Set(unexplained.map(({ call }) => call)).size;
  return {
    service,
    calls: names.length,
    equal,
    listed: names.length - equal - differing,
    unexplained,
    outdated: places
      .filter((place) => !found.flat().some((difference) => explains(place, difference)))
      .map(([call, path]) => `${service}: ${call}: ${path || 'the response'}`),
  };
}

/**
 * Returns the differences of two responses. An error differs from another response as a whole; two
 * errors, or two other responses, differ by field.
 */
function differencesOf(
  where: Difference,
  local: Json | undefined,
  reference: Json | undefined,
): Difference[] {
  if (isFields(local) && isFields(reference) && 'error' in local === 'error' in reference) {
    const names = new Set([...Object.keys(local), ...Object.keys(reference)]);
    return [...names].flatMap((name) => {
      const path = where.path ? `${where.path}.${name}` : name;
      return differencesOf({ ...where, path }, local[name], reference[name]);
    });
  }
  if (Array.isArray(local) && Array.isArray(reference) && local.length === reference.length) {
    return local.flatMap((element, index) =>
      differencesOf({ ...where, path: `${where.path}[${index}]` }, element, reference[index]),
    );
  }
  return isDeepStrictEqual(local, reference) ? [] : [{ ...where, local, reference }];
}

function isWithin(path: string, outer: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

function valueAt(answer: Json | undefined, path: string): Json | undefined {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  return steps.reduce<Json | undefined>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    return isFields(value) ? value[step] : undefined;
  }, answer);
}

function isFields(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

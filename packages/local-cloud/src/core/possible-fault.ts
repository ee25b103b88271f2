import { type FaultPlace, matches, type Point } from './faults.ts';
import { hopName } from './hop.ts';

/** A reason why a fault can never occur. */
export interface Impossibility {
  /** The field of the fault that is wrong. */
  field: 'function' | 'hop' | 'operation' | 'service';
  /** What is wrong, and what exists instead. */
  message: string;
}

/**
 * Returns the reason why a fault matches none of the points of a cloud; `undefined` if it matches
 * one.
 */
export function impossibilityOf(fault: FaultPlace, points: readonly Point[]): Impossibility | undefined {
  if (points.some((point) => matches(fault, point))) return undefined;
  const { function: name, hop, operation, service } = fault;
  const functions = distinct(points.map((point) => point.function));
  if (name !== undefined && !functions.includes(name))
    return { field: 'function', message: `There is no function "${name}". ${listed(functions)}` };
  // The calls of the administrator are too many to list.
  const hops = distinct(points.filter((point) => point.hop.from !== 'administrator').map(nameOf));
  if (hop !== undefined && !points.some((point) => nameOf(point) === hop))
    return { field: 'hop', message: `There is no hop "${hop}". ${listed(hops)}` };
  const calls = points.filter((point) => point.service !== undefined);
  const services = distinct(calls.map((point) => point.service));
  if (service !== undefined && !services.includes(service))
    return { field: 'service', message: `Nothing calls the service "${service}". ${listed(services)}` };
  const ofService = calls.filter((point) => [undefined, point.service].includes(service));
  const operations = distinct(ofService.map((point) => point.operation));
  if (operation !== undefined && !operations.includes(operation)) {
    const called = service === undefined ? 'operation' : `operation of ${service}`;
    return { field: 'operation', message: `"${operation}" is not an ${called}. ${listed(operations)}` };
  }
  return together(fault, points);
}

/** Points exist for each field alone, but not for all of them together. */
function together(
  { function: name, hop, operation, service }: FaultPlace,
  points: readonly Point[],
): Impossibility {
  const what = [service, operation].filter(Boolean).join(':');
  if (hop !== undefined) {
    const at = points.filter((point) => nameOf(point) === hop).map(describe);
    return { field: 'hop', message: `The hop "${hop}" has other fields. ${listed(distinct(at))}` };
  }
  const made = points.filter((point) => point.function === name && point.service !== undefined);
  const calls = distinct(made.map((point) => `${point.service}:${point.operation}`));
  return { field: 'function', message: `The function "${name}" does not call ${what}. ${listed(calls)}` };
}

function describe({ function: name, operation, service }: Point): string {
  return JSON.stringify({ service, operation, function: name });
}

function nameOf({ hop }: Point): string {
  return hopName(hop);
}

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}

function listed(values: readonly string[]): string {
  return `Available: ${values.join(', ') || 'none'}.`;
}

import db, { type Range, type Table } from 'dynalite/db/index.js';
import { fileOf } from './validation.ts';

/** The function of dynalite that performs an operation. */
type Action = (
  store: object,
  request: object,
  callback: (error: unknown, answer: object | undefined) => void,
) => void;

/** The range of items that a query or a scan reads, and the attributes of its start key. */
export interface Plan {
  range: Range;
  keyNames: string[];
}

// dynalite's query ends with the range. The caller reads it.
const plans = new WeakMap<object, Plan>();
db.queryTable = (_store, _table, request, range, _isLocal, _fetches, keyNames, callback) => {
  plans.set(request, { range, keyNames });
  callback(undefined, request);
};

/** Loads an operation of dynalite, which must respond synchronously: its store must do so. */
export async function loadAction(name: string): Promise<(store: object, request: object) => object> {
  const { default: action }: { default: Action } = await import(`dynalite/actions/${fileOf(name)}`);
  return (store, request) => {
    const outcome: { error?: unknown; answer?: object | undefined } = {};
    action(store, request, (error, answer) => Object.assign(outcome, { error, answer }));
    if (outcome.error) throw outcome.error;
    if (!outcome.answer) throw new Error(`${name} of dynalite did not answer at once.`);
    return outcome.answer;
  };
}

/**
 * Loads the planning of dynalite's `Query` or `Scan`, which checks the keys of a valid request and
 * returns what to read.
 */
export async function loadPlanning(name: 'Query' | 'Scan'): Promise<(table: Table, request: object) => Plan> {
  const action = await loadAction(name);
  return (table, request) => {
    const getTable = (_name: string, callback: (error: unknown, table: Table) => void) =>
      callback(undefined, table);
    action({ getTable }, request);
    const plan = plans.get(request);
    if (!plan) throw new Error(`${name} of dynalite has made no plan.`);
    return plan;
  };
}

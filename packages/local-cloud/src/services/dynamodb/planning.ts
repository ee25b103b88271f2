import db, { type Range, type Table } from 'dynalite/db/index.js';
import { checkedByDynalite } from './refusal.ts';
import { indexKey } from './table-data.ts';
import { fileOf } from './validation.ts';

/** The function of dynalite that performs an operation. */
type Action = (store: object, request: object, callback: (error: unknown) => void) => void;

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

// dynalite's own key is the same for some items with the same key in an index.
db.createIndexKey = indexKey;

/**
 * Loads the planning of dynalite's `Query` or `Scan`, which checks the keys of a valid request and
 * returns what to read. The table is at hand, so it responds synchronously.
 */
export async function loadPlanning(name: 'Query' | 'Scan'): Promise<(table: Table, request: object) => Plan> {
  const { default: action }: { default: Action } = await import(`dynalite/actions/${fileOf(name)}`);
  return (table, request) => {
    let refusal: unknown;
    const getTable = (_name: string, callback: (error: unknown, table: Table) => void) =>
      callback(undefined, table);
    checkedByDynalite(() =>
      action({ getTable }, request, (error) => {
        refusal = error;
      }),
    );
    if (refusal) throw refusal;
    const plan = plans.get(request);
    if (!plan) throw new Error(`${name} of dynalite has made no plan.`);
    return plan;
  };
}

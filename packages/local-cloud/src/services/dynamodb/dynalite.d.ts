// Declares the parts of dynalite 4 that the local DynamoDB calls; it has no types of its own.

declare module 'dynalite/db/index.js' {
  import type { AttributeValue } from 'aws-lambda';

  /** An item or a key, in DynamoDB's JSON. */
  export type Item = Record<string, AttributeValue>;

  export type Done = (error?: unknown) => void;

  export type BatchOperation = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };

  /**
   * The entries of a table or an index in the LevelDB database; the keys are strings made from the
   * items' primary keys.
   */
  export interface SubDatabase<Value> {
    get(key: string, callback: (error: unknown, value: Value | undefined) => void): void;
    put(key: string, value: Value, done: Done): void;
    del(key: string, done: Done): void;
  }

  export interface Store {
    db: {
      open(): Promise<void>;
      close(): Promise<void>;
      get(key: string, callback: (error: unknown, value: unknown) => void): void;
      getSync(key: string): unknown;
      /** Writes all operations or none. */
      batch(operations: BatchOperation[], done: Done): void;
      values(range: object): AsyncIterable<unknown>;
      createValueStream(range: object): import('node:stream').Readable;
    };
    /** The descriptions of the tables, by name. */
    tableDb: SubDatabase<unknown> & { awsAccountId: string; awsRegion: string };
    /** Returns the same object for each call with the same table. */
    getItemDb(tableName: string): SubDatabase<Item>;
    getIndexDb(type: string, tableName: string, indexName: string): SubDatabase<Item>;
  }

  const db: {
    create(options: { path: string; createTableMs: number }): Store;
    itemSize(item: Item): number;
  };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  import type { Store } from 'dynalite/db/index.js';

  /**
   * The exports of `dynalite/validations/<operation>.js`: the known parameters, and the checks
   * across them.
   */
  export interface Validation {
    types: Record<string, unknown>;
    custom?: (request: object, store: Store) => string | undefined;
  }

  /** A validated request; dynalite has parsed its expressions. */
  export interface CheckedRequest {
    _updates?: { sections: { type: string; path: (string | number)[] }[] };
  }

  const validations: {
    /** Returns a copy of the request. Throws if a value has the wrong type. */
    checkTypes(request: object, types: Validation['types']): CheckedRequest;
    checkValidations(
      request: object,
      types: Validation['types'],
      custom: Validation['custom'],
      store: Store,
    ): void;
  };
  export default validations;
}

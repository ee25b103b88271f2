// The parts of dynalite 4 that the local DynamoDB calls; it has no types of its own.

declare module 'dynalite/db/index.js' {
  import type { AttributeValue } from 'aws-lambda';

  /** An item or a key, in DynamoDB's JSON. */
  export type Item = Record<string, AttributeValue>;

  export type Done = (error?: unknown) => void;

  export type BatchOperation = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };

  /** The part of a table, or of one of its indexes, of the LevelDB database; keys are strings made from the items' primary keys. */
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
      /** Writes all or nothing. */
      batch(operations: BatchOperation[], done: Done): void;
      values(range: object): AsyncIterable<unknown>;
      createValueStream(range: object): import('node:stream').Readable;
    };
    /** The descriptions of the tables, by name. */
    tableDb: SubDatabase<unknown> & { awsAccountId: string; awsRegion: string };
    /** The same object each time it is asked for the same table. */
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

  /** What `dynalite/validations/<operation>.js` exports: the parameters it knows, and checks across them. */
  export interface Validation {
    types: Record<string, unknown>;
    custom?: (request: object, store: Store) => string | undefined;
  }

  /** A request that has passed the checks; dynalite has read its expressions. */
  export interface CheckedRequest {
    _updates?: { sections: { type: string; path: (string | number)[] }[] };
  }

  const validations: {
    /** A copy of the request; throws what is not of the right type. */
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

// Declares the parts of dynalite 4 that the local DynamoDB calls; it has no types of its own.

declare module 'dynalite/db/index.js' {
  import type { AttributeValue } from 'aws-lambda';

  /** An item or a key, in DynamoDB's JSON. */
  export type Item = Record<string, AttributeValue>;

  export type Done = (error?: unknown) => void;

  export type BatchOperation = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };

  export interface KeyElement {
    AttributeName: string;
    KeyType: 'HASH' | 'RANGE';
  }

  export interface Index {
    IndexName: string;
    KeySchema: KeyElement[];
    Projection: { ProjectionType: 'ALL' | 'INCLUDE' | 'KEYS_ONLY'; NonKeyAttributes?: string[] };
  }

  /** The description of a table. */
  export interface Table {
    TableName: string;
    TableStatus: string;
    KeySchema: KeyElement[];
    AttributeDefinitions: { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[];
    GlobalSecondaryIndexes?: Index[];
  }

  /** The descriptions of the tables, by name. */
  interface TableDatabase {
    awsAccountId: string;
    awsRegion: string;
    get(key: string, callback: (error: unknown, value: Table | undefined) => void): void;
    del(key: string, done: Done): void;
  }

  export interface Range {
    gt?: string;
    gte?: string;
    lt?: string;
    lte?: string;
    reverse?: boolean;
    limit?: number;
  }

  export interface Store {
    db: {
      open(): Promise<void>;
      close(): Promise<void>;
      get(key: string, callback: (error: unknown, value: unknown) => void): void;
      getSync(key: `table~${string}`): Table | undefined;
      getSync(key: string): Item | undefined;
      /** Writes all operations or none. */
      batch(operations: BatchOperation[]): Promise<void>;
      keys(range: Range): AsyncIterable<string>;
      values(range: Range): AsyncIterable<Item>;
    };
    tableDb: TableDatabase;
    options: { maxItemSize: number };
  }

  interface IndexActions {
    puts: { index: string; key: string; item: Item }[];
    deletes: { index: string; key: string }[];
  }

  const db: {
    create(options: { path: string; createTableMs: number }): Store;
    itemSize(item: Item): number;
    /** Called by dynalite's `Query` and `Scan` once they have checked a request. */
    queryTable(
      store: unknown,
      table: Table,
      request: object,
      range: Range,
      isLocal: boolean | undefined,
      fetchFromItemDb: boolean,
      keyNames: string[],
      callback: (error: unknown, answer: object) => void,
    ): void;
    /** Returns the string that sorts an item in its table. */
    createKey(item: Item, table: Table): string;
    getIndexActions(
      indexes: Index[],
      before: Item | undefined,
      after: Item | undefined,
      table: Table,
    ): IndexActions;
    // These return an error, or nothing if the argument is valid.
    validateKey(key: Item, table: Table): unknown;
    validateItem(item: Item, table: Table): unknown;
    /** @param nested the attributes that have a nested path */
    validateKeyPaths(nested: Record<string, true>, table: Table): unknown;
  };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  import type { AttributeValue } from 'aws-lambda';
  import type { Store } from 'dynalite/db/index.js';

  /**
   * The exports of `dynalite/validations/<operation>.js`: the known parameters, and the checks
   * across them.
   */
  export interface Validation {
    types: Record<string, unknown>;
    custom?: (request: object, store: Store) => string | undefined;
  }

  const validations: {
    /**
     * Returns a copy of the request. Throws if a value has the wrong type. The caller states the
     * type that `types` describe.
     */
    checkTypes<Request extends object>(request: object, types: Validation['types']): Request;
    checkValidations(
      request: object,
      types: Validation['types'],
      custom: Validation['custom'],
      store: Store,
    ): void;
    /** Returns the reason why a value is invalid. */
    validateAttributeValue(value: AttributeValue | null): string | undefined;
  };
  export default validations;
}

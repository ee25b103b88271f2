// Declares the parts of dynalite 4 that the local DynamoDB calls; it has no types of its own.

declare module 'dynalite/db/index.js' {
  import type { AttributeValue } from 'aws-lambda';

  /** An item or a key, in DynamoDB's JSON. */
  export type Item = Record<string, AttributeValue>;

  export interface KeyElement {
    AttributeName: string;
    KeyType: 'HASH' | 'RANGE';
  }

  export interface Index {
    IndexName: string;
    KeySchema: KeyElement[];
    Projection: { ProjectionType: 'ALL' | 'INCLUDE' | 'KEYS_ONLY'; NonKeyAttributes?: string[] };
  }

  /** The description of a table. Our code reads only some of its fields. */
  export interface Table {
    TableName: string;
    [other: string]: unknown;
    KeySchema: KeyElement[];
    AttributeDefinitions: { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[];
    GlobalSecondaryIndexes?: Index[];
  }

  export interface Range {
    gt?: string;
    gte?: string;
    lt?: string;
    lte?: string;
    reverse?: boolean;
  }

  const db: {
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
    /**
     * Returns the string that sorts items by a key: hexadecimal digits, `/` and `~`.
     * @param schema that of the table's primary key if absent
     */
    createKey(item: Item, table: Table, schema?: KeyElement[]): string;
    /** Called by dynalite's `Query` and `Scan` to continue after an item. */
    createIndexKey(item: Item, table: Table, schema: KeyElement[]): string;
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

  /** The part of dynalite's database that the checks read. */
  export interface Limits {
    options: { maxItemSize: number };
  }

  /**
   * The exports of `dynalite/validations/<operation>.js`: the known parameters, and the checks
   * across them.
   */
  export interface Validation {
    types: Record<string, unknown>;
    custom?: (request: object, limits: Limits) => string | undefined;
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
      limits: Limits,
    ): void;
    /** Returns the reason why a value is invalid. */
    validateAttributeValue(value: AttributeValue | null): string | undefined;
  };
  export default validations;
}

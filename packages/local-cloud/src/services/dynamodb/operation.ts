import type { Item, Store } from 'dynalite/db/index.js';
import validations, { type CheckedRequest, type Validation } from 'dynalite/validations/index.js';
import * as z from 'zod/mini';
import { isDeeperThan } from '../../core/depth.ts';
import { AwsError } from '../../core/service.ts';

/**
 * An operation of DynamoDB on a store of dynalite.
 * @throws {AwsError} DynamoDB's error; also for a parameter that dynalite does not know and would
 * ignore
 */
export type Operation = (store: Store, input: unknown) => Promise<object>;

type Action = (store: Store, request: object, callback: (error: unknown, answer: object) => void) => void;

/**
 * The maximum depth of an attribute value, a scalar included ("Service, account, and table quotas"
 * in the developer guide; as measured in github.com/nubo-db/dynoxide/issues/110). A level of a
 * value is two levels of its JSON.
 */
const MAXIMUM_DEPTH = 32;
const TOO_DEEP =
  'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit';

const Request = z.record(z.string(), z.unknown());

const OnFailure = z.optional(z.enum(['ALL_OLD', 'NONE']));

/**
 * Validates an error of dynalite, thrown or passed to a callback, that stands for a refusal by
 * DynamoDB.
 */
const Refusal = z.object({
  statusCode: z.number(),
  body: z.object({ __type: z.string(), message: z.optional(z.string()), Message: z.optional(z.string()) }),
});

/**
 * Loads an operation of dynalite, e.g. `PutItem`. dynalite is an HTTP server. Calling the two
 * functions behind a request directly saves signing, parsing and printing every call again.
 */
export async function loadOperation(name: string): Promise<Operation> {
  const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
  const action: { default: Action } = await import(`dynalite/actions/${file}`);
  const validation: { default: Validation } = await import(`dynalite/validations/${file}`);
  const { types, custom } = validation.default;

  return async (store, input) => {
    const request = Request.safeParse(input);
    if (!request.success)
      throw new AwsError('SerializationException', `The input of ${name} is not an object.`);
    // How many levels of the request are above a value, e.g. in PutItem's Item.
    const above = name === 'BatchWriteItem' ? 6 : 2;
    if (isDeeperThan(above + 2 * MAXIMUM_DEPTH, request.data))
      throw new AwsError('ValidationException', TOO_DEEP);
    const isConditional = Object.hasOwn(types, 'ConditionExpression');
    const unknown = Object.keys(request.data).find(
      (parameter) =>
        !Object.hasOwn(types, parameter) &&
        !(isConditional && parameter === 'ReturnValuesOnConditionCheckFailure'),
    );
    if (unknown) {
      throw new AwsError('ValidationException', `The local DynamoDB does not support ${unknown} of ${name}.`);
    }
    const returnsItem = OnFailure.safeParse(request.data.ReturnValuesOnConditionCheckFailure);
    if (!returnsItem.success)
      throw new AwsError(
        'ValidationException',
        'ReturnValuesOnConditionCheckFailure can only be ALL_OLD or NONE',
      );
    const reading: Reading = returnsItem.data === 'ALL_OLD' ? rememberingStore(store) : { store };
    try {
      const checked = validations.checkTypes(request.data, types);
      validations.checkValidations(checked, types, custom, store);
      removeLastElementsFirst(checked);
      return await new Promise((resolve, reject) => {
        action.default(reading.store, checked, (error, answer) => (error ? reject(error) : resolve(answer)));
      });
    } catch (error) {
      const refusal = Refusal.safeParse(error);
      if (!refusal.success) throw error;
      const { __type, message, Message } = refusal.data.body;
      const code = __type.slice(__type.indexOf('#') + 1);
      const isReturned = code === 'ConditionalCheckFailedException' && reading.item;
      const fields = isReturned ? { Item: reading.item } : {};
      throw new AwsError(code, message ?? Message ?? code, refusal.data.statusCode, fields);
    }
  };
}

/** A store, and the last item read from it. */
interface Reading {
  store: Store;
  item?: Item | undefined;
}

/**
 * Returns a store that keeps the last item read. That item belongs to the write, since dynalite
 * reads it under its lock.
 */
function rememberingStore(store: Store): Reading {
  const reading: Reading = { store };
  reading.store = Object.create(store, {
    getItemDb: {
      value: (table: string) => {
        const items = store.getItemDb(table);
        return {
          ...items,
          get: (key, callback) =>
            items.get(key, (error, item) => {
              reading.item = item;
              callback(error, item);
            }),
        } satisfies typeof items;
      },
    },
  });
  return reading;
}

/**
 * Sorts the removals of list elements from last to first. dynalite removes them one by one,
 * DynamoDB all at once.
 */
function removeLastElementsFirst({ _updates }: CheckedRequest): void {
  const rank = ({ type, path }: { type: string; path: (string | number)[] }): number => {
    const last = path.at(-1);
    return type === 'remove' && typeof last === 'number' ? -last : Number.NEGATIVE_INFINITY;
  };
  _updates?.sections.sort((one, other) => (rank(one) < rank(other) ? -1 : Number(rank(one) > rank(other))));
}

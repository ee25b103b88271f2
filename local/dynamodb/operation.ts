import type { Store } from 'dynalite/db/index.js';
import validations, { type Validation } from 'dynalite/validations/index.js';
import * as z from 'zod/mini';
import { AwsError } from '../service.ts';

/**
 * One operation of DynamoDB on a store of dynalite.
 * @throws {AwsError} as DynamoDB answers; also for a parameter that dynalite does not know and would ignore
 */
export type Operation = (store: Store, input: unknown) => Promise<object>;

type Action = (store: Store, request: object, callback: (error: unknown, answer: object) => void) => void;

const Request = z.record(z.string(), z.unknown());

/** What dynalite throws or calls back with when DynamoDB would refuse. */
const Refusal = z.object({
  statusCode: z.number(),
  body: z.object({ __type: z.string(), message: z.optional(z.string()), Message: z.optional(z.string()) }),
});

/**
 * Loads an operation of dynalite, e.g. `PutItem`. dynalite is an HTTP server; calling the two functions that its
 * server calls for a request saves signing, parsing and printing every call once more.
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
    const unknown = Object.keys(request.data).find((parameter) => !Object.hasOwn(types, parameter));
    if (unknown) {
      throw new AwsError('ValidationException', `The local DynamoDB does not support ${unknown} of ${name}.`);
    }
    try {
      const checked = validations.checkTypes(request.data, types);
      validations.checkValidations(checked, types, custom, store);
      return await new Promise((resolve, reject) => {
        action.default(store, checked, (error, answer) => (error ? reject(error) : resolve(answer)));
      });
    } catch (error) {
      const refusal = Refusal.safeParse(error);
      if (!refusal.success) throw error;
      const { __type, message, Message } = refusal.data.body;
      const code = __type.slice(__type.indexOf('#') + 1);
      throw new AwsError(code, message ?? Message ?? code, refusal.data.statusCode);
    }
  };
}

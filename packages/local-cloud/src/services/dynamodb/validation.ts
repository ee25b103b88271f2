import validations, { type Validation } from 'dynalite/validations/index.js';
import * as z from 'zod/mini';
import { AwsError } from '../../core/service.ts';
import { bindLegacyParameters } from './expressions/legacy-parameters.ts';
import { bindExpressions, type Expressions } from './expressions/request-expressions.ts';
import { invalidity } from './expressions/values.ts';
import { checkedByDynalite } from './refusal.ts';
import { validationError } from './validation-error.ts';

/**
 * Validates the input of an operation.
 * @throws DynamoDB's error; also for a parameter that dynalite does not know and would ignore
 */
export type Validate<Request> = (input: unknown) => Request & Expressions;

/**
 * The maximum depth of an attribute value, a scalar included ("Service, account, and table quotas"
 * in the developer guide; as measured in github.com/nubo-db/dynoxide/issues/110). A level of a
 * value is two levels of its JSON.
 */
const MAXIMUM_DEPTH = 32;
const TOO_DEEP =
  'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit';

const Parameters = z.record(z.string(), z.unknown());

const OnFailure = z.optional(z.enum(['ALL_OLD', 'NONE']));

// dynalite refuses a number with a plus sign, and leaves others as they are, e.g. -0.
validations.validateAttributeValue = invalidity;

/** The size limit of an item ("Service, account, and table quotas" in the developer guide). */
const limits = { options: { maxItemSize: 400 * 1024 } };

/** Loads dynalite's validation of an operation, e.g. of `PutItem`. */
export async function loadValidation<Request extends object>(name: string): Promise<Validate<Request>> {
  const validation: { default: Validation } = await import(`dynalite/validations/${fileOf(name)}`);
  const { types, custom } = validation.default;

  return (input) => {
    const parameters = Parameters.safeParse(input);
    if (!parameters.success)
      throw new AwsError('SerializationException', `The input of ${name} is not an object.`);
    // The number of levels of the request above a value, e.g. in PutItem's Item.
    const above = name === 'BatchWriteItem' ? 6 : 2;
    refuseUnsupportedValues(above + 2 * MAXIMUM_DEPTH, parameters.data);
    const { ReturnValuesOnConditionCheckFailure, ...known } = parameters.data;
    const isConditional = Object.hasOwn(types, 'ConditionExpression');
    const unknown = Object.keys(isConditional ? known : parameters.data).find(
      (parameter) => !Object.hasOwn(types, parameter),
    );
    if (unknown) throw validationError(`The local DynamoDB does not support ${unknown} of ${name}.`);
    const onFailure = OnFailure.safeParse(ReturnValuesOnConditionCheckFailure);
    if (!onFailure.success)
      throw validationError('ReturnValuesOnConditionCheckFailure can only be ALL_OLD or NONE');
    const checked = bindExpressions(
      checkedByDynalite(() => validations.checkTypes<Request>(known, types)),
      types,
    );
    checkedByDynalite(() => validations.checkValidations(checked, types, custom, limits));
    return {
      ...checked,
      ...bindLegacyParameters(checked),
      ...(isConditional && { ReturnValuesOnConditionCheckFailure: onFailure.data }),
    };
  };
}

/**
 * Throws if objects and lists are nested in more than that many levels, or if one of them has the
 * name `__proto__`, which dynalite would lose.
 */
function refuseUnsupportedValues(levels: number, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw validationError(TOO_DEEP);
  for (const [name, child] of Object.entries(value)) {
    if (name === '__proto__')
      throw validationError('The local DynamoDB does not support the name __proto__.');
    refuseUnsupportedValues(levels - 1, child);
  }
}

/** Returns the name of dynalite's file of an operation. */
export function fileOf(operation: string): string {
  return `${operation.charAt(0).toLowerCase()}${operation.slice(1)}.js`;
}

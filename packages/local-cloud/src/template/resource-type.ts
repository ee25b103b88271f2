import type * as z from 'zod/mini';

/** The names of an existing resource. */
export interface Identity {
  name: string;
  arn: string;
}

/** The account that the local cloud stands for. */
export interface Account {
  id: string;
  region: string;
}

/** The names and attributes of a resource. */
interface Naming<Properties> {
  /**
   * Returns the physical name or ID; `generated` is a name made from the stack and the logical ID.
   */
  name(properties: Properties, generated: string): string;
  arn(name: string, account: Account, properties: Properties): string;
  /** Returns the value of `Ref`. */
  ref(identity: Identity): string;
  /** Returns the values of `Fn::GetAtt`, except for `Arn`. */
  attributes(identity: Identity, properties: Properties, account: Account): Record<string, string>;
}

/**
 * Describes a CloudFormation resource type. The source of every entry is AWS's "Template
 * reference".
 */
export interface ResourceType<Properties = unknown> extends Naming<Properties> {
  /** Strict: an unknown property stops the start. */
  properties: z.ZodMiniType<Properties>;
}

/**
 * Returns a resource type.
 * @param naming the differences from a resource that is known by its generated name alone
 */
export function resourceType<Properties>(
  properties: z.ZodMiniType<Properties>,
  naming: Partial<Naming<NoInfer<Properties>>> = {},
): ResourceType<Properties> {
  return {
    properties,
    name: (_properties, generated) => generated,
    arn: (name) => name,
    ref: ({ name }) => name,
    attributes: () => ({}),
    ...naming,
  };
}

/**
 * Returns a check of a property whose value must compile. AWS would refuse the deployment. The
 * message is that of the error that `compile` throws.
 */
export function compiledBy<Value>(compile: (value: Value) => unknown): z.core.CheckFn<Value> {
  return ({ value, issues }) => {
    try {
      compile(value);
    } catch (error) {
      const message = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
      issues.push({ code: 'custom', input: value, message });
    }
  };
}

import type * as z from 'zod/mini';

/** What a resource of the template is called, once it exists. */
export interface Identity {
  name: string;
  arn: string;
}

/** The account that the local cloud plays. */
export interface Account {
  id: string;
  region: string;
}

/** How a resource is called and what the rest of the template can ask of it. */
interface Naming<Properties> {
  /** The physical name or id; `generated` is a name made from the stack and the logical id. */
  name(properties: Properties, generated: string): string;
  arn(name: string, account: Account, properties: Properties): string;
  /** What `Ref` gives. */
  ref(identity: Identity): string;
  /** What `Fn::GetAtt` gives, besides `Arn`. */
  attributes(identity: Identity, properties: Properties, account: Account): Record<string, string>;
}

/** How one CloudFormation resource type is read: AWS's "Template reference" is the source of every entry. */
export interface ResourceType<Properties = unknown> extends Naming<Properties> {
  /** Strict: a property that is not in it stops the start. */
  properties: z.ZodMiniType<Properties>;
}

/** @param naming what differs from a resource that is known by its generated name alone */
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
 * A check of a property: AWS refuses at the deploy what cannot be compiled here either. It says why in the words of the
 * error that `compile` throws.
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

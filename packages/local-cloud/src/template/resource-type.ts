import * as z from 'zod/mini';
import { explainIssue } from '../core/issue.ts';

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

/** The facts about a resource type besides its properties. */
interface Behavior<Properties> {
  /**
   * Returns the physical name or ID; `generated` is a name made from the stack and the logical ID.
   */
  name(properties: Properties, generated: string): string;
  arn(name: string, account: Account, properties: Properties): string;
  /** Returns the value of `Ref`. */
  ref(identity: Identity): string;
  /** Returns the values of `Fn::GetAtt`, except for `Arn`. */
  attributes(identity: Identity, properties: Properties, account: Account): Record<string, string>;
  /**
   * The lists whose items the resource can do without, e.g. `Targets`: an item that is not
   * supported can be skipped by itself.
   */
  parts: readonly string[];
}

/**
 * Describes a CloudFormation resource type. The source of every entry is AWS's "Template
 * reference".
 */
export interface ResourceType<Properties = unknown> extends Behavior<Properties> {
  /** Strict: an unknown property stops the start. */
  properties: z.ZodMiniType<Properties>;
}

/**
 * Returns a resource type.
 * @param behavior the differences from a resource that is known by its generated name alone
 */
export function resourceType<Properties>(
  properties: z.ZodMiniType<Properties>,
  behavior: Partial<Behavior<NoInfer<Properties>>> = {},
): ResourceType<Properties> {
  return {
    properties,
    name: (_properties, generated) => generated,
    arn: (name) => name,
    ref: ({ name }) => name,
    attributes: () => ({}),
    parts: [],
    ...behavior,
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

/**
 * Returns a schema of the properties of one kind of a type. It refuses another kind as a whole,
 * because the properties that the kinds do not share would raise misleading issues.
 * @param kind validates what distinguishes the kind
 */
export function ofKind<Properties>(
  kind: z.ZodMiniType,
  properties: z.ZodMiniType<Properties>,
): z.ZodMiniType<Properties> {
  const checked = z.transform((value: unknown, { issues }): unknown => {
    const { error } = z.safeParse(kind, value, { error: explainIssue, reportInput: true });
    for (const { input, message, path } of error?.issues ?? [])
      issues.push({ code: 'custom', input, message, path });
    return value;
  });
  return z.pipe(checked, properties);
}

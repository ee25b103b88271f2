import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod/mini';
import { assemblyOf, type Stage } from './stages.ts';

/** Resources as CloudFormation gets them, by logical ID or by name. */
type Resources = ReturnType<Template['findResources']>;

const StackTemplate = z.object({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.optional(z.looseObject({ ServiceToken: z.optional(z.unknown()) })),
    }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});

function read(stage: Stage): z.infer<typeof StackTemplate> {
  const file = path.join(assemblyOf(stage), `Blog-${stage}.template.json`);
  return StackTemplate.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** The template of the stack of each stage. */
export const templates = { dev: read('dev'), prod: read('prod') };

/** Returns the resources of a type by logical ID. */
export function resourcesById(type: string, stage: Stage = 'dev'): Resources {
  const { Resources } = templates[stage];
  return Object.fromEntries(Object.entries(Resources).filter(([, { Type }]) => Type === type));
}

/** Returns the resources of a type by name: the logical ID without the hash at its end. */
export function resources(type: string, stage: Stage = 'dev'): Resources {
  const entries = Object.entries(resourcesById(type, stage));
  return Object.fromEntries(entries.map(([logicalId, resource]) => [nameOf(logicalId), resource]));
}

/** Returns the properties of each resource of a type. */
export function allProperties(type: string, stage: Stage = 'dev'): Resources[string][] {
  return Object.values(resourcesById(type, stage)).map(({ Properties }) => Properties);
}

/** Returns the properties of the resource with this type and name; `undefined` if it has none. */
export function properties(type: string, name: string) {
  return resources(type)[name]?.Properties;
}

const nameOf = (logicalId: string) => logicalId.replace(/[0-9A-F]{8}$/, '');

/** Returns the functions of the handlers by name, without those that serve custom resources of the CDK. */
export function handlerFunctions(): Resources {
  const custom = Object.values(templates.dev.Resources).map(({ Properties }) => Properties?.ServiceToken);
  const serving = custom.filter((token) => token !== undefined).map(textOf);
  const functions = Object.entries(resources('AWS::Lambda::Function'));
  return Object.fromEntries(functions.filter(([name]) => !serving.includes(`<${name}.Arn>`)));
}

const Ref = z.object({ Ref: z.string() });
const GetAtt = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });
const SelectSplit = z.object({
  'Fn::Select': z.tuple([z.number(), z.object({ 'Fn::Split': z.tuple([z.literal(':'), z.unknown()]) })]),
});
const Join = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });

/**
 * Returns a value of a template as text, with `<Name>` for a reference, `<Name.Attribute>` for an attribute, and
 * `<Name>[6]` for a part of an ARN.
 */
export function textOf(value: unknown): string {
  const ref = Ref.safeParse(value);
  if (ref.success) return `<${nameOf(ref.data.Ref)}>`;
  const getAtt = GetAtt.safeParse(value);
  if (getAtt.success) return `<${nameOf(getAtt.data['Fn::GetAtt'][0])}.${getAtt.data['Fn::GetAtt'][1]}>`;
  const part = SelectSplit.safeParse(value);
  if (part.success) {
    const [index, split] = part.data['Fn::Select'];
    return `${textOf(split['Fn::Split'][1])}[${index}]`;
  }
  const join = Join.safeParse(value);
  if (join.success) return join.data['Fn::Join'][1].map(textOf).join(join.data['Fn::Join'][0]);
  return z.string().parse(value);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { type References, resolve } from './intrinsics.ts';
import type { Resource } from './resource.ts';
import type { Account, ResourceType } from './resource-type.ts';

// Without a locale, zod's only message is `Invalid input`.
z.config(z.locales.en());

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.optional(z.looseObject({ templateFile: z.optional(z.string()) })),
    }),
  ),
});

const Assets = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

const Declaration = z.strictObject({
  Type: z.string(),
  Properties: z._default(z.record(z.string(), z.unknown()), {}),
  Metadata: z.optional(z.object({ 'aws:cdk:path': z.optional(z.string()) })),
  DependsOn: z.optional(z.unknown()),
  DeletionPolicy: z.optional(z.string()),
  UpdateReplacePolicy: z.optional(z.string()),
});
type Declaration = z.infer<typeof Declaration>;

/** Other sections (`Conditions`, `Mappings`, `Transform`) are not supported and stop the start. */
const TemplateFile = z.strictObject({
  Description: z.optional(z.string()),
  Parameters: z._default(z.record(z.string(), z.looseObject({ Default: z.optional(z.unknown()) })), {}),
  Rules: z.optional(z.unknown()),
  Resources: z.record(z.string(), Declaration),
  Outputs: z._default(z.record(z.string(), z.looseObject({ Value: z.unknown() })), {}),
});

/**
 * The type of the function behind custom resources, whatever it runs: only a deployment calls it,
 * and it is not one of the stack's functions. Source: AWS CloudFormation User Guide, "Create custom
 * provisioning logic with custom resources".
 */
export const CUSTOM_RESOURCE_PROVIDER = 'AWS::Lambda::Function of a custom resource';

const CustomResource = z.object({
  Properties: z.object({ ServiceToken: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) }),
});

/** The template contains something that the local cloud does not support. */
export class TemplateError extends Error {}

/** The only stack of a cloud assembly that `cdk synth` wrote, read as CloudFormation reads it. */
export class Template {
  readonly stackName: string;
  readonly #account: Account;
  readonly #types: Readonly<Record<string, ResourceType>>;
  readonly #file: z.infer<typeof TemplateFile>;
  readonly #assets: ReadonlyMap<string, string>;
  readonly #resolved = new Map<string, Resource<unknown>>();

  /**
   * @param assembly the folder that `cdk synth` wrote
   * @param types every supported resource type, by its CloudFormation name
   * @throws {TemplateError} one line that names what is not supported: logical ID, type, property
   */
  constructor(assembly: string, account: Account, types: Readonly<Record<string, ResourceType>>) {
    const read = (name: string): unknown => JSON.parse(readFileSync(join(assembly, name), 'utf8'));
    const stacks = Object.entries(Manifest.parse(read('manifest.json')).artifacts).filter(
      ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
    );
    const [stack] = stacks;
    if (!stack || stacks.length > 1)
      throw new TemplateError(`${assembly} must contain one stack, not ${stacks.length}.`);
    this.stackName = stack[0];
    this.#account = account;
    this.#types = types;
    const templateFile = stack[1].properties?.templateFile ?? `${this.stackName}.template.json`;
    this.#file = this.#parse(TemplateFile, read(templateFile), templateFile);
    for (const declaration of Object.values(this.#file.Resources)) {
      const { data } = CustomResource.safeParse(declaration);
      const provider = data && this.#file.Resources[data.Properties.ServiceToken['Fn::GetAtt'][0]];
      if (provider) provider.Type = CUSTOM_RESOURCE_PROVIDER;
    }
    this.#assets = new Map(
      Object.values(Assets.parse(read(`${this.stackName}.assets.json`)).files).flatMap(
        ({ source, destinations }) =>
          Object.values(destinations).map(
            ({ objectKey }) => [objectKey, join(assembly, source.path)] as const,
          ),
      ),
    );
    for (const logicalId of Object.keys(this.#file.Resources)) this.#resource(logicalId);
  }

  /** Returns the resources of one type, in the order of the template. */
  resources<Properties>(type: ResourceType<Properties>): Resource<Properties>[] {
    return Object.entries(this.#file.Resources)
      .filter(([, declaration]) => this.#types[declaration.Type] === type)
      .map(([logicalId]) => {
        const resource = this.#resource(logicalId);
        return { ...resource, properties: type.properties.parse(resource.properties) };
      });
  }

  /**
   * Returns the path of the resource with an ARN in the CDK app; `undefined` if the template has no
   * such resource.
   */
  constructPath(arn: string): string | undefined {
    return [...this.#resolved.values()].find((resource) => resource.arn === arn)?.constructPath;
  }

  /** Returns every resource, with its type and the physical ID that CloudFormation shows. */
  physicalResources(): { logicalId: string; type: string; physicalId: string }[] {
    return Object.keys(this.#file.Resources).map((logicalId) => {
      const { type, declaration } = this.#declaration(logicalId);
      const physicalId = type.ref(this.#resource(logicalId));
      return { logicalId, type: declaration.Type.replace(/ .*/, ''), physicalId };
    });
  }

  /** Returns how many resources of each type there are. */
  countByType(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { Type } of Object.values(this.#file.Resources)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
    return counts;
  }

  /** Returns the stack's outputs by name. */
  outputs(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.#file.Outputs).map(([name, output]) => [
        name,
        this.#parse(z.string(), this.#resolve(`output ${name}`, output.Value), `output ${name}`),
      ]),
    );
  }

  /**
   * Returns the folder of the asset that CloudFormation would find under this key in the bootstrap
   * bucket.
   */
  asset(objectKey: string): string {
    const folder = this.#assets.get(objectKey);
    if (!folder) throw new TemplateError(`The assembly has no asset ${objectKey}.`);
    return folder;
  }

  #resource(logicalId: string): Resource<unknown> {
    const known = this.#resolved.get(logicalId);
    if (known) return known;
    const { type, declaration } = this.#declaration(logicalId);
    const where = `${logicalId} (${declaration.Type})`;
    const resolved = Object.entries(declaration.Properties).map(([property, value]) => [
      property,
      this.#resolve(`${where}: ${property}`, value),
    ]);
    const properties = this.#parse(type.properties, Object.fromEntries(resolved), where);
    const name = type.name(properties, `${this.stackName}-${logicalId}`);
    const resource = {
      logicalId,
      constructPath: declaration.Metadata?.['aws:cdk:path'] ?? logicalId,
      name,
      arn: type.arn(name, this.#account, properties),
      properties,
    };
    this.#resolved.set(logicalId, resource);
    return resource;
  }

  #declaration(logicalId: string): { type: ResourceType; declaration: Declaration } {
    const declaration = this.#file.Resources[logicalId];
    if (!declaration) throw new Error(`there is no resource ${logicalId}`);
    const type = this.#types[declaration.Type];
    if (!type)
      throw new TemplateError(`${logicalId}: the resource type ${declaration.Type} is not supported.`);
    return { type, declaration };
  }

  #resolve(where: string, value: unknown): unknown {
    try {
      return resolve(value, this.#references);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      throw new TemplateError(`${where}: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }

  readonly #references: References = {
    ref: (id) => {
      const pseudo = this.#pseudoParameters()[id] ?? this.#file.Parameters[id]?.Default;
      if (pseudo !== undefined) return pseudo;
      const { type } = this.#declaration(id);
      return type.ref(this.#resource(id));
    },
    getAtt: (id, attribute) => {
      const { type, declaration } = this.#declaration(id);
      const resource = this.#resource(id);
      const attributes = type.attributes(resource, resource.properties, this.#account);
      const value = { Arn: resource.arn, ...attributes }[attribute];
      if (value === undefined) throw new Error(`${id} (${declaration.Type}) has no attribute ${attribute}`);
      return value;
    },
  };

  #pseudoParameters(): Record<string, string> {
    return {
      'AWS::AccountId': this.#account.id,
      'AWS::Partition': 'aws',
      'AWS::Region': this.#account.region,
      'AWS::StackName': this.stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
  }

  #parse<T>(schema: z.ZodMiniType<T>, value: unknown, where: string): T {
    const result = z.safeParse(schema, value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    if (!issue) throw new TemplateError(`${where}: the value is not valid.`);
    throw new TemplateError(
      issue.code === 'unrecognized_keys'
        ? `${where}: the property ${[...issue.path, issue.keys.join(', ')].join('.')} is not supported.`
        : `${[where, issue.path.join('.'), issue.message].filter(Boolean).join(': ')}.`,
    );
  }
}

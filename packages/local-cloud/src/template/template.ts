import * as z from 'zod/mini';
import { readAssembly } from './assembly.ts';
import { type References, resolve } from './intrinsics.ts';
import { parsePartly } from './partial-properties.ts';
import { placeholder } from './placeholder.ts';
import { type Refusal, TemplateError } from './refusal.ts';
import { Refusals } from './refusals.ts';
import type { Resource } from './resource.ts';
import type { Account, ResourceType } from './resource-type.ts';
import {
  type Declaration,
  providerOf,
  TemplateFile,
  unknownAttributes,
  unknownSections,
} from './template-file.ts';

export { TemplateError };

// Without a locale, zod's only message is `Invalid input`.
z.config(z.locales.en());

/**
 * The type of the function behind custom resources, whatever it runs: only a deployment calls it,
 * and it is not one of the stack's functions. Source: AWS CloudFormation User Guide, "Create custom
 * provisioning logic with custom resources".
 */
export const CUSTOM_RESOURCE_PROVIDER = 'AWS::Lambda::Function of a custom resource';

/** Something about a resource that is not supported together with the others of the template. */
export interface Finding {
  logicalId: string;
  /** One sentence; absent if the resource only refers to something that is not supported. */
  reason?: string;
}

export interface TemplateOptions {
  /** Whether to leave out what is not supported, instead of throwing. */
  skipUnsupported?: boolean | undefined;
  /** What to do without a type that is not supported, by type, or by vendor (`Custom::*`). */
  hints?: Readonly<Record<string, string>>;
  /** Compares the resources of a template with each other. */
  compare?: (template: Template) => Finding[];
}

/** The only stack of a cloud assembly that `cdk synth` wrote, read as CloudFormation reads it. */
export class Template {
  /** The cloud assembly. */
  readonly folder: string;
  readonly stackName: string;
  readonly #account: Account;
  readonly #types: Readonly<Record<string, ResourceType>>;
  readonly #hints: Readonly<Record<string, string>>;
  readonly #file: TemplateFile;
  readonly #assets: ReadonlyMap<string, string>;
  readonly #sources: ReadonlyMap<string, string>;
  readonly #resolved = new Map<string, Resource<unknown>>();
  readonly #refusals = new Refusals();
  readonly #outputs: Record<string, string> = {};

  /**
   * @param folder the cloud assembly
   * @param types every supported resource type, by its CloudFormation name
   * @throws {TemplateError} naming everything that is not supported
   */
  constructor(
    folder: string,
    account: Account,
    types: Readonly<Record<string, ResourceType>>,
    { compare = () => [], hints = {}, skipUnsupported = false }: TemplateOptions = {},
  ) {
    const { assets, sources, stackName, template } = readAssembly(folder);
    this.stackName = stackName;
    this.folder = folder;
    this.#account = account;
    this.#types = types;
    this.#hints = hints;
    this.#assets = assets;
    this.#sources = sources;
    this.#file = TemplateFile.parse(template);
    const resources = this.#file.Resources;
    for (const section of unknownSections(this.#file))
      this.#refusals.refuse(section, {
        place: section,
        reasons: ['This section of a template is not supported.'],
      });
    for (const declaration of Object.values(resources)) {
      const provider = resources[providerOf(declaration) ?? ''];
      if (provider) provider.Type = CUSTOM_RESOURCE_PROVIDER;
    }
    for (const logicalId of Object.keys(resources)) this.#resource(logicalId);
    for (const name of Object.keys(this.#file.Outputs)) this.#readOutput(name);
    while (this.#refuseAll(compare(this))) {}
    const error = this.#refusals.error();
    if (error && !skipUnsupported) throw error;
  }

  /** Returns the resources of one type, in the order of the template, without those that are skipped. */
  resources<Properties>(type: ResourceType<Properties>): Resource<Properties>[] {
    return Object.entries(this.#file.Resources)
      .filter(([logicalId, { Type }]) => this.#types[Type] === type && !this.#refusals.has(logicalId))
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

  /** Returns every resource that is not skipped, with its type and the physical ID that CloudFormation shows. */
  physicalResources(): { logicalId: string; type: string; physicalId: string }[] {
    return Object.entries(this.#file.Resources).flatMap(([logicalId, { Type }]) => {
      const type = this.#types[Type];
      if (!type || this.#refusals.has(logicalId)) return [];
      const physicalId = type.ref(this.#resource(logicalId));
      return [{ logicalId, type: Type.replace(/ .*/, ''), physicalId }];
    });
  }

  /** Returns how many resources of each supported type there are. */
  countByType(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [logicalId, { Type }] of Object.entries(this.#file.Resources))
      if (!this.#refusals.has(logicalId)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
    return counts;
  }

  /** Returns the stack's outputs by name. */
  outputs(): Readonly<Record<string, string>> {
    return this.#outputs;
  }

  /**
   * Returns the asset that CloudFormation would find under this key in the bootstrap bucket: a
   * folder or a file.
   */
  asset(objectKey: string): string {
    const path = this.#assets.get(objectKey);
    if (!path) throw new TemplateError(`The assembly has no asset ${objectKey}.`);
    return path;
  }

  /** The parts of the template that are skipped because they are not supported. */
  get skipped(): Refusals {
    return this.#refusals;
  }

  #resource(logicalId: string): Resource<unknown> {
    const known = this.#resolved.get(logicalId);
    if (known) return known;
    const declaration = this.#file.Resources[logicalId];
    if (!declaration) throw new Error(`there is no resource ${logicalId}`);
    const type = this.#types[declaration.Type];
    const resource = type ? this.#read(logicalId, declaration, type) : this.#unknown(logicalId, declaration);
    this.#resolved.set(logicalId, resource);
    return resource;
  }

  /** Returns a resource of an unknown type, and refuses it. */
  #unknown(logicalId: string, declaration: Declaration): Resource<unknown> {
    const { Type } = declaration;
    const name = placeholder(Type, logicalId, this.#account);
    const hint = this.#hints[Type] ?? this.#hints[Type.replace(/::.*/s, '::*')];
    const reason = `The resource type is not supported.${hint === undefined ? '' : ` ${hint}`}`;
    this.#refusals.refuse(logicalId, this.#refusal(logicalId, [reason]), [name]);
    return { logicalId, constructPath: this.#pathOf(logicalId), name, arn: name, properties: {} };
  }

  /** Returns a resource of a known type. Refuses it, or parts of it, if they are not supported. */
  #read(logicalId: string, declaration: Declaration, type: ResourceType): Resource<unknown> {
    const reasons = unknownAttributes(declaration).map((name) => `The attribute ${name} is not supported.`);
    const properties: Record<string, unknown> = {};
    const unresolved = new Set<string>();
    for (const [property, value] of Object.entries(declaration.Properties)) {
      try {
        properties[property] = resolve(value, this.#references);
      } catch (error) {
        unresolved.add(property);
        reasons.push(`${property}: ${error instanceof Error ? error.message : String(error)}.`);
      }
    }
    const parsed = parsePartly(type.properties, properties, type.parts);
    const { data, isPartial } = parsed;
    // The reason why a property is not resolved is already reported.
    const invalid = parsed.reasons.filter((reason) => !unresolved.has(/^\w+/.exec(reason)?.[0] ?? ''));
    const constructPath = this.#pathOf(logicalId);
    const generated = `${this.stackName}-${logicalId}`;
    if (data !== undefined && reasons.length === 0) {
      if (isPartial) this.#refusals.refuseParts(logicalId, this.#refusal(logicalId, invalid));
      const name = type.name(data, generated);
      return { logicalId, constructPath, name, arn: type.arn(name, this.#account, data), properties: data };
    }
    const otherwise = placeholder(declaration.Type, logicalId, this.#account);
    const name = attempt(() => type.name(properties, generated)) ?? otherwise;
    const arn = attempt(() => type.arn(name, this.#account, properties)) ?? otherwise;
    const ref = attempt(() => type.ref({ name, arn })) ?? otherwise;
    const attributes = attempt(() => type.attributes({ name, arn }, properties, this.#account)) ?? {};
    const refusal = this.#refusal(logicalId, [...reasons, ...invalid]);
    this.#refusals.refuse(logicalId, refusal, [otherwise, name, arn, ref, ...Object.values(attributes)]);
    return { logicalId, constructPath, name, arn, properties };
  }

  /** Refuses the resources that findings are about. Returns whether there are any. */
  #refuseAll(findings: Finding[]): boolean {
    for (const { logicalId, reason } of findings) {
      const { arn, name } = this.#resource(logicalId);
      const reasons = reason === undefined ? [] : [reason];
      this.#refusals.refuse(logicalId, this.#refusal(logicalId, reasons), [arn, name]);
    }
    return findings.length > 0;
  }

  #readOutput(name: string): void {
    const { Condition, Value } = this.#file.Outputs[name] ?? {};
    try {
      if (Condition !== undefined) throw new Error('conditions are not supported');
      const { success, data } = z.string().safeParse(resolve(Value, this.#references));
      if (!success) throw new Error('the value must be text');
      this.#outputs[name] = data;
    } catch (error) {
      const reason = `Value: ${error instanceof Error ? error.message : String(error)}.`;
      this.#refusals.refuse(name, {
        place: `the output ${name}`,
        source: this.#sources.get(name),
        reasons: [reason],
      });
    }
  }

  #refusal(logicalId: string, reasons: string[]): Refusal {
    const type = this.#file.Resources[logicalId]?.Type;
    return { place: this.#pathOf(logicalId), type, source: this.#sources.get(logicalId), reasons };
  }

  #pathOf(logicalId: string): string {
    return this.#file.Resources[logicalId]?.Metadata?.['aws:cdk:path'] ?? logicalId;
  }

  readonly #references: References = {
    ref: (id) => {
      const pseudo = this.#pseudoParameters()[id];
      if (pseudo !== undefined) return pseudo;
      const parameter = this.#file.Parameters[id];
      if (parameter) return parameterValue(id, parameter);
      const resource = this.#resource(id);
      return this.#valueOf(id, (type) => type.ref(resource));
    },
    getAtt: (id, attribute) => {
      const resource = this.#resource(id);
      const value = this.#valueOf(id, (type) => {
        const attributes = type.attributes(resource, resource.properties, this.#account);
        return { Arn: resource.arn, ...attributes }[attribute];
      });
      if (value !== undefined) return value;
      throw new Error(`${id} (${this.#file.Resources[id]?.Type}) has no attribute ${attribute}`);
    },
  };

  /** Returns a value of a resource. A resource that is refused has a value, too. */
  #valueOf(logicalId: string, read: (type: ResourceType) => string | undefined): string | undefined {
    const { Type = '' } = this.#file.Resources[logicalId] ?? {};
    const type = this.#types[Type];
    if (type && !this.#refusals.has(logicalId)) return read(type);
    return (type && attempt(() => read(type))) ?? placeholder(Type, logicalId, this.#account);
  }

  #pseudoParameters(): Record<string, string> {
    return {
      'AWS::AccountId': this.#account.id,
      'AWS::Partition': 'aws',
      'AWS::Region': this.#account.region,
      'AWS::StackName': this.stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
  }
}

/** @throws {Error} if the parameter has no value here */
function parameterValue(name: string, { Default, Type }: TemplateFile['Parameters'][string]): unknown {
  if (Type.startsWith('AWS::SSM::'))
    throw new Error(`the parameter ${name} is read from SSM, which is not supported`);
  if (Default === undefined) throw new Error(`the parameter ${name} has no default value`);
  return Default;
}

/** Returns the result of a function; `undefined` if it throws, as names of invalid properties do. */
function attempt<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

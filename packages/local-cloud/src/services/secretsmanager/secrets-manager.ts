import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import type { Journal } from '../../core/journal.ts';
import { type Operation, operationMaker } from '../../core/operation.ts';
import { AwsError, type Service } from '../../core/service.ts';
import type { Resource } from '../../template/resource.ts';
import type { Account } from '../../template/resource-type.ts';
import { arnOfSecretId, type SecretProperties } from './secret-resource.ts';
import { generateSecretString } from './secret-string.ts';

const Version = z.object({
  versionId: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  secretString: z.string(),
});
type Version = z.infer<typeof Version>;

const GetSecretValue = z.strictObject({
  SecretId: z.string().check(z.minLength(1)),
  VersionId: z.optional(z.string()),
  VersionStage: z.optional(z.string()),
});

interface SecretsManagerOptions {
  account: Account;
  clock: Clock;
  resources: readonly Resource<SecretProperties>[];
  /** Keeps the values. */
  journal: Journal;
}

const operation = operationMaker(
  (parameter, reason) => new AwsError('ValidationException', `Invalid parameter ${parameter}: ${reason}`),
);

/**
 * Emulates AWS Secrets Manager: the secrets of the template, each with one version. A value is
 * generated once. Shapes and errors follow the "AWS Secrets Manager API Reference".
 */
export class SecretsManager implements Service {
  readonly #account: Account;
  readonly #names: ReadonlyMap<string, string>;
  /** The versions, by the ARNs of their secrets. */
  readonly #versions: ReadonlyMap<string, Version>;

  /** Opens the secrets, and generates the values of new ones. */
  constructor({ account, clock, journal, resources }: SecretsManagerOptions) {
    this.#account = account;
    this.#names = new Map(resources.map(({ arn, name }) => [arn, name]));
    const { left, put } = journal.section('secrets', Version);
    const versions = new Map(left);
    for (const { arn, properties } of resources) {
      const { GenerateSecretString: settings } = properties;
      if (!settings || versions.has(arn)) continue;
      const secretString = generateSecretString(settings);
      const version = { versionId: randomUUID(), createdAt: clock.now(), secretString };
      versions.set(arn, version);
      put(arn, version);
    }
    this.#versions = versions;
  }

  async call(name: string, input: unknown): Promise<object> {
    if (name === 'GetSecretValue') return this.#getSecretValue(input);
    throw new AwsError('UnknownOperationException', `The local Secrets Manager does not support ${name}.`);
  }

  readonly #getSecretValue: Operation = operation(GetSecretValue, (input) => {
    const { SecretId, VersionId, VersionStage } = input;
    const arn = arnOfSecretId(SecretId, this.#account);
    const name = this.#names.get(arn);
    if (name === undefined) throw notFound('secret');
    const version = this.#versions.get(arn);
    if (!version || (VersionStage ?? current) !== current)
      throw notFound(`secret value for staging label: ${VersionStage ?? current}`);
    if (VersionId !== undefined && VersionId !== version.versionId)
      throw notFound(`secret value for VersionId: ${VersionId}`);
    return {
      ARN: arn,
      Name: name,
      VersionId: version.versionId,
      SecretString: version.secretString,
      VersionStages: [current],
      CreatedDate: version.createdAt / 1000,
    };
  });
}

/** The staging label of the only version. */
const current = 'AWSCURRENT';

function notFound(what: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified ${what}`);
}

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import { type Operation, operationMaker } from '../../core/operation.ts';
import { AwsError, type Service } from '../../core/service.ts';
import { Store } from '../../core/store.ts';
import type { Resource } from '../../template/resource.ts';
import type { Account } from '../../template/resource-type.ts';
import { arnOfSecretId, type SecretProperties } from './secret-resource.ts';
import { generateSecretString } from './secret-string.ts';

const Version = z.object({
  arn: z.string(),
  versionId: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  secretString: z.string(),
});
type Version = z.infer<typeof Version>;

const State = z.object({ versions: z.array(Version) });

const GetSecretValue = z.strictObject({
  SecretId: z.string().check(z.minLength(1)),
  VersionId: z.optional(z.string()),
  VersionStage: z.optional(z.string()),
});

interface SecretsManagerOptions {
  account: Account;
  clock: Clock;
  resources: readonly Resource<SecretProperties>[];
  /** The folder of the values, which survive a restart. */
  folder: string;
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
  readonly #store: Store<z.infer<typeof State>>;

  private constructor({ account, resources }: SecretsManagerOptions, store: Store<z.infer<typeof State>>) {
    this.#account = account;
    this.#names = new Map(resources.map(({ arn, name }) => [arn, name]));
    this.#store = store;
  }

  /** Opens the secrets, and generates the values of new ones. */
  static async open(options: SecretsManagerOptions): Promise<SecretsManager> {
    const { clock, folder, resources } = options;
    const store = await Store.open(join(folder, 'secretsmanager.json'), State, { versions: [] });
    const { versions } = store.state;
    const unknown = resources.filter((resource) => !versions.some(({ arn }) => arn === resource.arn));
    const created = unknown.flatMap(({ arn, properties: { GenerateSecretString: settings } }): Version[] =>
      settings
        ? [
            {
              arn,
              versionId: randomUUID(),
              createdAt: clock.now(),
              secretString: generateSecretString(settings),
            },
          ]
        : [],
    );
    if (created.length > 0) {
      versions.push(...created);
      await store.save();
    }
    return new SecretsManager(options, store);
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
    const version = this.#store.state.versions.find((one) => one.arn === arn);
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

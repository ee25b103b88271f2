import { parse, validate } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import { generatedId } from '../../template/generated-id.ts';
import { type Account, resourceType } from '../../template/resource-type.ts';
import { GenerateSecretString } from './secret-string.ts';

const Properties = z.strictObject({
  Name: z.optional(z.string()),
  GenerateSecretString: z.optional(GenerateSecretString),
  // Ignored locally:
  Description: z.optional(z.string()),
  KmsKeyId: z.optional(z.string()),
  Tags: z.optional(z.unknown()),
});

export type SecretProperties = z.infer<typeof Properties>;

/**
 * Returns the ARN of a secret. It ends with a hyphen and six characters (AWS Secrets Manager User
 * Guide, "Secrets Manager secret"), here always the same for a name.
 */
export function secretArn(name: string, { id, region }: Account): string {
  return `arn:aws:secretsmanager:${region}:${id}:secret:${name}-${generatedId(name, 6)}`;
}

/** Returns the ARN of the secret that a `SecretId` names: an ARN, with or without its end, or a name. */
export function arnOfSecretId(secretId: string, account: Account): string {
  const name = validate(secretId) ? parse(secretId).resource.replace(/^secret:/, '') : secretId;
  const end = /-([a-z0-9]{6})$/.exec(name);
  const isWhole = end !== null && generatedId(name.slice(0, -7), 6) === end[1];
  return secretArn(isWhole ? name.slice(0, -7) : name, account);
}

/** `AWS::SecretsManager::Secret`: a secret with one version. */
export const SecretResource = resourceType(Properties, {
  name: (properties, generated) => properties.Name ?? generated,
  arn: secretArn,
  ref: ({ arn }) => arn,
  attributes: ({ arn }) => ({ Id: arn }),
});

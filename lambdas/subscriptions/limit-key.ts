import { createHmac } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { parse } from '../../model/parse.ts';
import { environment } from '../runtime/environment.ts';
import { sdkSettings } from '../runtime/sdk-settings.ts';
import { REQUEST_LIMITS_KEY_ARN } from './environment.ts';

/** Returns the key of an item of the RequestLimits table, e.g. `address#…`. */
export type LimitKey = (kind: 'ip' | 'reserve' | 'address' | 'filter', address: string) => string;

const secretsManager = new SecretsManagerClient(sdkSettings);

const Secret = z.object({ SecretString: z.string().check(z.minLength(32)) });

let reading: Promise<string> | undefined;

/**
 * Returns a function that makes the keys of items from IP addresses and e-mail addresses. The table
 * stores HMACs, so that nobody can find an address by trying all of them without the secret. The
 * secret is read once in the life of the process.
 * @throws {Error} if the secret cannot be read; the next call reads it again
 */
export async function readLimitKey(): Promise<LimitKey> {
  reading ??= readSecret();
  try {
    const secret = await reading;
    return (kind, address) =>
      `${kind}#${createHmac('sha256', secret).update(`${kind}#${address}`).digest('hex')}`;
  } catch (error) {
    reading = undefined;
    throw error;
  }
}

async function readSecret(): Promise<string> {
  const SecretId = environment(REQUEST_LIMITS_KEY_ARN);
  const answer = await secretsManager.send(new GetSecretValueCommand({ SecretId }));
  return parse(Secret, answer, 'The secret').SecretString;
}

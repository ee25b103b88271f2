import * as fc from 'fast-check';
import { SecretResource, secretArn } from '../../../src/services/secretsmanager/secret-resource.ts';
import {
  GenerateSecretString,
  generateSecretString,
} from '../../../src/services/secretsmanager/secret-string.ts';
import { SecretsManager } from '../../../src/services/secretsmanager/secrets-manager.ts';
import { account } from '../../fixtures/assembly.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';

const openJournal = temporaryJournals();
const clock = new ManualClock();

/** Opens the service with secrets of these properties, by name. */
function open(secrets: Record<string, object>, journal = openJournal()): SecretsManager {
  const resources = Object.entries(secrets).map(([name, properties]) => ({
    logicalId: name,
    constructPath: name,
    name,
    arn: secretArn(name, account),
    properties: SecretResource.properties.parse(properties),
  }));
  return new SecretsManager({ account, clock, journal, resources });
}

const getValue = (service: SecretsManager, SecretId: string, more: object = {}) =>
  service.call('GetSecretValue', { SecretId, ...more });

describe('a generated secret', () => {
  const generated = { GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } };
  const arn = secretArn('key', account);

  test('has one value, by its ARN, its ARN without the end, and its name', async () => {
    const service = open({ key: generated });
    const value = await getValue(service, arn);
    expect(value).toEqual({
      ARN: arn,
      Name: 'key',
      VersionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      SecretString: expect.stringMatching(/^[a-zA-Z0-9]{64}$/),
      VersionStages: ['AWSCURRENT'],
      CreatedDate: clock.now() / 1000,
    });
    for (const id of ['key', arn.slice(0, -7)]) expect(await getValue(service, id)).toEqual(value);
    const { VersionId } = { VersionId: '', ...value };
    expect(await getValue(service, arn, { VersionId, VersionStage: 'AWSCURRENT' })).toEqual(value);
  });

  test('keeps its value after a restart, and differs from that of other data', async () => {
    const journal = openJournal('kept');
    const value = await getValue(open({ key: generated }, journal), arn);
    journal.close();
    const restarted = open({ other: {}, key: generated }, openJournal('kept'));
    expect(await getValue(restarted, arn)).toEqual(value);
    expect(await getValue(open({ key: generated }), arn)).not.toEqual(value);
  });
});

describe('a call is refused', () => {
  test.each([
    ['GetSecretValue', { SecretId: 'none' }, 'ResourceNotFoundException', 'the specified secret'],
    ['GetSecretValue', { SecretId: 'empty' }, 'ResourceNotFoundException', 'staging label: AWSCURRENT'],
    [
      'GetSecretValue',
      { SecretId: 'key', VersionStage: 'AWSPREVIOUS' },
      'ResourceNotFoundException',
      'staging label: AWSPREVIOUS',
    ],
    ['GetSecretValue', { SecretId: 'key', VersionId: 'x' }, 'ResourceNotFoundException', 'VersionId: x'],
    ['GetSecretValue', {}, 'ValidationException', 'SecretId'],
    ['GetSecretValue', { SecretId: 'key', Other: 1 }, 'ValidationException', 'Other: not emulated'],
    ['RotateSecret', { SecretId: 'key' }, 'UnknownOperationException', 'RotateSecret'],
  ])('%s of %j: %s', async (operation, input, code, message) => {
    const service = open({ key: { GenerateSecretString: {} }, empty: {} });
    await expect(service.call(operation, input)).rejects.toMatchObject({
      code,
      status: 400,
      message: expect.stringContaining(message),
    });
  });
});

describe('GenerateSecretString', () => {
  test.each([
    { ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true },
    { PasswordLength: 3 },
    { PasswordLength: 0 },
    { SecretStringTemplate: '{}' },
    { SecretStringTemplate: '[]', GenerateStringKey: 'password' },
    { Other: true },
  ])('cannot be %j', (settings) => {
    expect(GenerateSecretString.safeParse(settings).success).toBe(false);
  });

  test('fills a field of the template', () => {
    const settings = { SecretStringTemplate: '{"user":"joe"}', GenerateStringKey: 'password' };
    expect(JSON.parse(generateSecretString(GenerateSecretString.parse(settings)))).toEqual({
      user: 'joe',
      password: expect.stringMatching(/^.{32}$/),
    });
  });

  test('generates a password of the length, with each included type and no other character', () => {
    const flag = fc.boolean();
    fc.assert(
      fc.property(
        fc.record({
          ExcludeCharacters: fc.string(),
          ExcludeLowercase: flag,
          ExcludeNumbers: flag,
          ExcludePunctuation: flag,
          ExcludeUppercase: flag,
          IncludeSpace: flag,
          PasswordLength: fc.integer({ min: 1, max: 100 }),
        }),
        (settings) => {
          const { data } = GenerateSecretString.safeParse(settings);
          if (!data) return;
          const password = generateSecretString(data);
          expect(password).toHaveLength(settings.PasswordLength);
          for (const character of settings.ExcludeCharacters) expect(password).not.toContain(character);
          const types: [RegExp, boolean][] = [
            [/[a-z]/, !settings.ExcludeLowercase],
            [/[A-Z]/, !settings.ExcludeUppercase],
            [/[0-9]/, !settings.ExcludeNumbers],
            [/[^a-zA-Z0-9 ]/, !settings.ExcludePunctuation],
            [/ /, settings.IncludeSpace],
          ];
          for (const [type, isIncluded] of types) if (!isIncluded) expect(password).not.toMatch(type);
        },
      ),
    );
  });
});

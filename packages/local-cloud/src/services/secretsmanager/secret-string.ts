import { randomInt } from 'node:crypto';
import * as z from 'zod/mini';

const flag = z._default(z.boolean(), false);

/** `GenerateSecretString` of a secret. Source: AWS Secrets Manager API Reference, `GetRandomPassword`. */
export const GenerateSecretString = z
  .strictObject({
    ExcludeCharacters: z._default(z.string(), ''),
    ExcludeLowercase: flag,
    ExcludeNumbers: flag,
    ExcludePunctuation: flag,
    ExcludeUppercase: flag,
    GenerateStringKey: z.optional(z.string()),
    IncludeSpace: flag,
    PasswordLength: z._default(z.int().check(z.gte(1), z.lte(4096)), 32),
    RequireEachIncludedType: z._default(z.boolean(), true),
    SecretStringTemplate: z.optional(z.string()),
  })
  .check(
    z.refine(
      ({ GenerateStringKey: key, SecretStringTemplate: template }) =>
        (key === undefined) === (template === undefined),
      'GenerateStringKey and SecretStringTemplate require each other',
    ),
    z.refine(
      ({ SecretStringTemplate: template = '{}' }) => isJsonObject(template),
      'SecretStringTemplate must be a JSON object',
    ),
    z.refine((settings) => {
      const { length } = typesOf(settings);
      return length > 0 && (!settings.RequireEachIncludedType || length <= settings.PasswordLength);
    }, 'the password cannot contain the included types of characters'),
  );
export type GenerateSecretString = z.infer<typeof GenerateSecretString>;

const Fields = z.record(z.string(), z.unknown());

function isJsonObject(text: string): boolean {
  try {
    return Fields.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/** The characters of each included type, without the excluded ones. */
function typesOf(settings: z.infer<typeof GenerateSecretString>): string[] {
  const { ExcludeCharacters } = settings;
  const types: [string, boolean][] = [
    ['abcdefghijklmnopqrstuvwxyz', !settings.ExcludeLowercase],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', !settings.ExcludeUppercase],
    ['0123456789', !settings.ExcludeNumbers],
    ['!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', !settings.ExcludePunctuation],
    [' ', settings.IncludeSpace],
  ];
  return types
    .filter(([, isIncluded]) => isIncluded)
    .map(([characters]) =>
      [...characters].filter((character) => !ExcludeCharacters.includes(character)).join(''),
    )
    .filter((characters) => characters !== '');
}

/**
 * Generates the value of a secret: a password, alone or as a field of the template. It comes from
 * the machine's random numbers and not from the seed, with which anybody could repeat it.
 */
export function generateSecretString(settings: GenerateSecretString): string {
  const types = typesOf(settings);
  const { PasswordLength, RequireEachIncludedType, GenerateStringKey, SecretStringTemplate } = settings;
  const characters: string[] = [];
  const insert = (characterSet: string): void => {
    const character = characterSet[randomInt(characterSet.length)] ?? '';
    characters.splice(randomInt(characters.length + 1), 0, character);
  };
  if (RequireEachIncludedType) types.forEach(insert);
  while (characters.length < PasswordLength) insert(types.join(''));
  const password = characters.join('');
  if (GenerateStringKey === undefined || SecretStringTemplate === undefined) return password;
  return JSON.stringify({ ...Fields.parse(JSON.parse(SecretStringTemplate)), [GenerateStringKey]: password });
}

import { validate } from '@aws-sdk/util-arn-parser';

/** What names of variables with secrets contain. */
const SECRET_NAME =
  /secret|passw|passphrase|(?:^|_)(?:pass|pwd)(?:$|_)|token|credential|private|signature|(?:api|access|encryption|signing)_?key/i;
/** A password in a URL. */
const SECRET_IN_URL = /:\/\/[^/\s]*:[^/\s]*@/;
const HIDDEN = '(hidden)';

/**
 * Returns the variables of a function by name, and hides the values that may be secrets. It shows
 * ARNs, because the ARN of a secret is not the secret.
 */
export function shownVariables(variables: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(variables)
    .map(([name, value]): [string, string] => [name, isSecret(name, value) ? HIDDEN : value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function isSecret(name: string, value: string): boolean {
  if (SECRET_IN_URL.test(value)) return true;
  return SECRET_NAME.test(name) && !validate(value);
}

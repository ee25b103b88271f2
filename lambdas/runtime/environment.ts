/**
 * Returns the value of an environment variable that the stack sets. Its name is a constant of the
 * folder that reads it, which the stack imports too.
 * @throws {Error} if the variable is not set
 */
export function environment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/**
 * Returns a connection ID in the form of API Gateway's, for a connection that does not exist.
 * @param name at most 15 letters, digits and hyphens
 */
export function connectionIdOf(name: string): string {
  return `${name.padEnd(15, '-')}=`;
}

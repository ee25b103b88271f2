import { createHash } from 'node:crypto';

/** Returns an ID of that many small letters and digits, always the same for a generated name. */
export function generatedId(generated: string, length: number): string {
  return BigInt(`0x${createHash('sha256').update(generated).digest('hex')}`)
    .toString(36)
    .slice(0, length);
}

import { createHash } from 'node:crypto';

/**
 * The only source of random numbers in the local cloud. Returns a number in [0, 1) that depends on
 * the seed, the hop and the occurrence alone, and never on the draws of other threads.
 */
export type Chance = (hop: string, occurrence: string | number) => number;

export function seededChance(seed: string): Chance {
  return (hop, occurrence) => {
    const digest = createHash('sha256')
      .update(JSON.stringify([seed, hop, occurrence]))
      .digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  };
}

import { createHash } from 'node:crypto';

/**
 * The one source of chance of the local cloud: a number in [0, 1) that depends only on the seed, on what is drawn
 * for (`hop`) and on which occurrence of it this is, never on what other threads drew in between.
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

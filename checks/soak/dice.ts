import type { Chance } from 'local-cloud/chance';

/** The chance of one actor: draws that depend on the seed and on their order alone, not on what other actors draw. */
export class Dice {
  readonly #chance: Chance;
  readonly #actor: string;
  #draws = 0;

  constructor(chance: Chance, actor: string) {
    this.#chance = chance;
    this.#actor = actor;
  }

  /** A number in [0, 1). */
  draw(): number {
    return this.#chance(this.#actor, this.#draws++);
  }

  /** Whether something happens that has this probability. */
  happens(probability: number): boolean {
    return this.draw() < probability;
  }

  /** @throws {RangeError} if there is nothing to pick from */
  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.draw() * from.length)];
    if (picked === undefined) throw new RangeError('There is nothing to pick from.');
    return picked;
  }

  /** A waiting time of this mean, in milliseconds, of events that come independently of each other. */
  waitingTime(mean: number): number {
    return -Math.log(1 - this.draw()) * mean;
  }
}

import type { Chance } from 'local-cloud/chance';

/**
 * The random numbers of one actor. They depend on the seed and on their order, not on the draws of
 * other actors.
 */
export class Dice {
  readonly #chance: Chance;
  readonly #actor: string;
  #draws = 0;

  constructor(chance: Chance, actor: string) {
    this.#chance = chance;
    this.#actor = actor;
  }

  /** Returns a number in [0, 1). */
  draw(): number {
    return this.#chance(this.#actor, this.#draws++);
  }

  /** Returns whether an event with this probability happens. */
  happens(probability: number): boolean {
    return this.draw() < probability;
  }

  /**
   * Returns one of the elements.
   * @throws {RangeError} if the list is empty
   */
  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.draw() * from.length)];
    if (picked === undefined) throw new RangeError('The list to pick from is empty.');
    return picked;
  }

  /** Returns a waiting time in milliseconds with this mean, exponentially distributed. */
  waitingTime(mean: number): number {
    return -Math.log(1 - this.draw()) * mean;
  }
}

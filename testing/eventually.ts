import { setTimeout } from 'node:timers/promises';

/**
 * Waits until `attempt` no longer throws, and gives what it answers.
 * @throws what `attempt` threw last, after `limitMs`
 */
export async function eventually<T>(attempt: () => T | Promise<T>, limitMs = 10_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await setTimeout(20);
  }
}

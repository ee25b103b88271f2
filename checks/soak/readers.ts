import * as z from 'zod/mini';
import type { CloudClient } from '../../testing/cloud-client.ts';
import { mailKey, type Reader } from './promise.ts';

/** More than one, to notice an e-mail that only one of several readers receives. */
const readersOfTopic = 2;

const Mails = z.array(z.object({ id: z.string(), to: z.string(), text: z.string() }));

/**
 * Subscribers of topics by e-mail, and the number of e-mails that each has received about each
 * post.
 */
export class Readers {
  readonly list: readonly Reader[];
  /** By `mailKey`. */
  readonly mails = new Map<string, number>();
  readonly #cloud: CloudClient;
  readonly #collected = new Set<string>();

  constructor(cloud: CloudClient, topics: string[]) {
    this.#cloud = cloud;
    this.list = topics.flatMap((topic, index) =>
      Array.from({ length: readersOfTopic }, (_, reader) => ({
        address: `reader-${index}-${reader}@example.com`,
        topic,
      })),
    );
  }

  async subscribe(): Promise<void> {
    for (const { address, topic } of this.list) await this.#cloud.subscribe(address, topic);
  }

  /**
   * Counts the new e-mails in the inbox, which keeps 10,000. Call it before the inbox drops any.
   */
  async collect(): Promise<void> {
    const answer = await fetch(`${this.#cloud.url}/_local/emails`);
    for (const { id, to, text } of Mails.parse(await answer.json())) {
      const postId = /"id":"([^"]+)"/.exec(text)?.[1];
      if (postId === undefined || this.#collected.has(id)) continue;
      this.#collected.add(id);
      const key = mailKey(to, postId);
      this.mails.set(key, (this.mails.get(key) ?? 0) + 1);
    }
  }
}

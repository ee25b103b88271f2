import { setTimeout } from 'node:timers/promises';
import { CreatedPost, type NewPost } from '../../model/post.ts';
import type { CloudClient } from '../../testing/cloud-client.ts';
import { ContractViolation } from '../../testing/contract.ts';
import type { Dice } from './dice.ts';
import type { Submission } from './promise.ts';

/**
 * The number of authors who write at the same time, and the average pause of each between two
 * posts, in milliseconds.
 */
const authors = 8;
const pause = 1_500;

const seasons = ['summer', 'autumn', 'winter', 'spring', 'été', '"quoted" & \\escaped'];
const topicOf = (season: string, author: number) => `${season} ${author}`;

/**
 * Each author has topics of their own: SNS suspends a subscription of more than 10 e-mails a
 * second, and a fault can have each post mailed three times.
 */
export const topics = Array.from({ length: authors }, (_, author) =>
  seasons.map((season) => topicOf(season, author)),
).flat();

const bodies = [
  'Joe is going to Spain',
  'Maria Lopez met Angela Merkel in Berlin, and went on to Paris.',
  'It rains.',
  'Dr. José 😀 says "no" to \\ London,\nand Emma Watson\tto <b>New York</b>.',
];

/**
 * API Gateway answers within 29 seconds. A client without a response by then has lost the
 * connection.
 */
const requestTimeout = 35_000;

/** The `Retry-After` of the 503 for a post that could not be saved, in milliseconds. */
const retryPause = 1_000;

/** The time for which authors retry a post with a key after the end, in milliseconds. */
const patience = 5 * 60_000;

/**
 * Authors of posts, half of which have an Idempotency-Key. After a 5xx, a 429 or no response, they
 * retry a post with a key until it has its 201. If that takes minutes after the end, the post is
 * `unexpected`. They give up a post without a key, because it may have been saved.
 */
export class Authors {
  readonly submissions: Submission[] = [];
  readonly unexpected: string[] = [];
  /** The number of requests that received a 429, a 5xx or no response. */
  refused = 0;
  retried = 0;
  replays = 0;
  conflicts = 0;
  readonly #cloud: CloudClient;
  readonly #diceOf: (actor: string) => Dice;

  constructor(cloud: CloudClient, diceOf: (actor: string) => Dice) {
    this.#cloud = cloud;
    this.#diceOf = diceOf;
  }

  /** Returns the ID of one of the latest posts, if there are any. */
  recentPost(dice: Dice): string | undefined {
    const recent = this.submissions.slice(-20).flatMap(({ answers: [answer] }) => answer?.id ?? []);
    return recent.length > 0 ? dice.pick(recent) : undefined;
  }

  /**
   * Writes posts until a time in milliseconds since the epoch, then waits for the last responses.
   */
  async write(until: number): Promise<void> {
    await Promise.all(Array.from({ length: authors }, (_, author) => this.#write(author, until)));
  }

  async #write(author: number, until: number): Promise<void> {
    const name = `author ${author}`;
    const dice = this.#diceOf(name);
    for (let count = 0; Date.now() < until; count++) {
      const content: NewPost = {
        author: name,
        title: `Post ${count} of ${name}`,
        body: Array.from({ length: dice.pick([1, 2, 20]) }, () => dice.pick(bodies)).join(' '),
        topic: topicOf(dice.pick(seasons), author),
        ...(dice.happens(0.1) && { language: 'es' }),
      };
      const key = dice.happens(0.5) ? `author-${author}-${count}` : undefined;
      const submission: Submission = { content, key, answers: [] };
      this.submissions.push(submission);
      await this.#submit(submission, until);
      if (key !== undefined && submission.answers.length > 0) {
        if (dice.happens(0.2)) await this.#submit(submission, until);
        if (dice.happens(0.05)) await this.#misuse(key, content);
      }
      await setTimeout(dice.waitingTime(pause));
    }
  }

  async #submit({ content, key, answers }: Submission, until: number): Promise<void> {
    for (;;) {
      const answer = await this.#send(content, key);
      if (answer?.status === 201) {
        answers.push(CreatedPost.parse(await answer.json()));
        if (answer.headers.get('idempotency-replayed') === 'true') this.replays++;
        else if (answers.length > 1)
          this.unexpected.push(`The repeated request with the key ${key} is not marked as a replay.`);
        return;
      }
      if (answer)
        this.unexpected.push(`${content.title} received the status ${answer.status}: ${await answer.text()}`);
      if (answer || key === undefined) return;
      if (Date.now() > until + patience) {
        this.unexpected.push(`${content.title} has not received a 201 with the key ${key}.`);
        return;
      }
      this.retried++;
      await setTimeout(retryPause);
    }
  }

  /** Sends another post under a used key, and expects a 422. */
  async #misuse(key: string, content: NewPost): Promise<void> {
    const answer = await this.#send({ ...content, body: 'Another post.' }, key);
    if (!answer) return;
    this.conflicts++;
    if (answer.status !== 422)
      this.unexpected.push(
        `Another post with the key ${key} received the status ${answer.status} instead of 422.`,
      );
  }

  /**
   * Returns the response, or nothing if it is worth a retry or does not match the documentation.
   */
  async #send(content: NewPost, key: string | undefined): Promise<Response | undefined> {
    try {
      const answer = await this.#cloud.request('/posts', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
        body: JSON.stringify(content),
        signal: AbortSignal.timeout(requestTimeout),
      });
      if (answer.status < 500 && answer.status !== 429) return answer;
      await answer.body?.cancel();
    } catch (error) {
      // Any other error means that the connection ended without a response.
      if (error instanceof ContractViolation) this.unexpected.push(error.message);
    }
    this.refused++;
    return undefined;
  }
}

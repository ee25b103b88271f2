import { type AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { parse as parseArn, validate } from '@aws-sdk/util-arn-parser';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { BlogPostCreated, BlogPostUpdated, type UnpublishedUpdate } from '../model/events.ts';
import { LIVE } from '../model/live-alias.ts';
import { mailPause } from '../model/mail-budget.ts';
import { notification } from '../model/notification.ts';
import { parse } from '../model/parse.ts';
import { Revision } from '../model/post.ts';
import { Tombstone } from '../model/tombstone.ts';
import { changedPosts } from './changed-posts.ts';
import { type DeadLetter, functionError, type StreamBatch } from './dead-letter.ts';
import type { Stack } from './stack.ts';
import { StreamRecordsGone, streamRecords } from './stream-records.ts';

/**
 * The time between the starts of two invocations, in milliseconds. Five a second leave room for new
 * posts: Comprehend allows 20 calls a second ("Guidelines and quotas").
 */
const gap = 200;

const Announced = z.object({ detail: BlogPostCreated });

/** The partial batch response of `publish-post-updates`. */
const Published = z.object({ batchItemFailures: z.array(z.unknown()) });

type Item = Record<string, AttributeValue>;

/**
 * Finishes failed work at the one target that failed. It puts nothing on a bus, because the bus
 * would deliver it to the other targets again.
 */
export class Targets {
  /** The IDs of the posts that this run has enriched, which a scan may not show yet. */
  readonly enriched = new Set<string>();
  readonly #stack: Stack;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #lambda: LambdaClient;
  readonly #sns: SNSClient;
  readonly #dynamoDb: DynamoDBClient;
  readonly #streams: DynamoDBStreamsClient;
  /** Resolves when the next invocation may start. */
  #invocation = Promise.resolve();
  /** Settles when the last message is published. */
  #mail: Promise<unknown> = Promise.resolve();

  /** @param sleep resolves after a number of milliseconds */
  constructor(stack: Stack, sleep: (ms: number) => Promise<void>) {
    this.#stack = stack;
    this.#sleep = sleep;
    this.#lambda = new LambdaClient(stack.settings);
    this.#sns = new SNSClient(stack.settings);
    this.#dynamoDb = new DynamoDBClient(stack.settings);
    this.#streams = new DynamoDBStreamsClient(stack.settings);
  }

  /**
   * Finishes the work of a message, and returns the outcome in a few words. Returns the batch of a
   * message whose records the stream no longer holds: `publishChanges` finishes any number of these
   * together.
   * @throws {Error} if the target has not accepted the work; the message must stay
   */
  async finish(letter: DeadLetter): Promise<string | StreamBatch> {
    switch (letter.kind) {
      case 'invocation':
        return this.invoke(letter.functionArn, JSON.stringify(letter.event));
      case 'event':
        return this.#deliver(letter.targetArn, letter.event);
      case 'stream batch':
        return this.#publishBatch(letter.functionArn, letter.batch);
      case 'update':
        return this.#publishUpdate(letter.update);
      case 'unknown':
        throw new Error(letter.cause);
    }
  }

  /**
   * Invokes a function with an event, as JSON, and waits until it has succeeded. An asynchronous
   * invocation would report its failure only after Lambda's retries, in a new message.
   * @throws {Error} if the function fails
   */
  async invoke(functionName: string, event: string): Promise<string> {
    const name = nameOf(functionName);
    const { RelayAnnouncementsFunctionName, RecognizeEntitiesFunctionName } = this.#stack.outputs;
    // Each of its runs announces all that is left. Two at the same time would announce a post
    // twice.
    if (name === RelayAnnouncementsFunctionName) return 'left to the next run of the relay';
    this.#invocation = this.#invocation.then(() => this.#sleep(gap));
    await this.#invocation;
    await this.#call(functionName, event);
    if (name === RecognizeEntitiesFunctionName) {
      const { data } = Announced.safeParse(JSON.parse(event));
      if (data) this.enriched.add(data.detail.post.id);
    }
    return `invoked ${name}`;
  }

  /**
   * Invokes the alias of a function synchronously and returns its response. A message can name the
   * function itself, whose code is the last to be uploaded, even if its deployment was rolled back.
   * @throws {Error} if the function fails
   */
  async #call(functionName: string, Payload: string): Promise<unknown> {
    const FunctionName = nameOf(functionName);
    const { FunctionError, Payload: response } = await this.#lambda.send(
      new InvokeCommand({ FunctionName, Qualifier: LIVE, Payload }),
    );
    const answer: unknown = JSON.parse(response?.transformToString() || 'null');
    if (FunctionError) throw new Error(`${FunctionName} failed: ${functionError(answer)}`);
    return answer;
  }

  /**
   * Publishes the present state of the posts whose changes may have been among the records of these
   * batches.
   */
  async publishChanges(batches: StreamBatch[]): Promise<string> {
    let count = 0;
    for await (const posts of changedPosts(this.#stack, batches)) {
      await this.#publish(this.#stack.outputs.PublishPostUpdatesFunctionName, posts.map(recordOf));
      count += posts.length;
    }
    return `published the state of ${count} posts because the stream no longer has the records`;
  }

  /** Delivers an event to the target of its rule, but no e-mail about a post that was removed. */
  async #deliver(targetArn: string, event: string): Promise<string> {
    const service = validate(targetArn) ? parseArn(targetArn).service : undefined;
    if (service === 'lambda') return this.invoke(targetArn, event);
    if (service !== 'sns')
      throw new Error(`An event can be delivered again to a function or a topic only, not to ${targetArn}.`);
    const { detail } = parse(Announced, JSON.parse(event), 'The event');
    const { id } = detail.post;
    const item = await this.#readItem(id);
    if (!item || isTombstone(item)) return `not mailed: post ${id} is removed`;
    const Message = JSON.stringify(notification(detail, this.#stack.outputs.PageUrl));
    await this.#publishMail(new PublishCommand({ TopicArn: targetArn, Message }));
    return `published to ${nameOf(targetArn)}`;
  }

  /**
   * Publishes a message after the previous one and a pause, so that two are never published within
   * one pause, however long a call takes.
   */
  #publishMail(command: PublishCommand): Promise<unknown> {
    const pause = () => this.#sleep(mailPause);
    this.#mail = this.#mail.then(pause, pause).then(() => this.#sns.send(command));
    return this.#mail;
  }

  /** Publishes the records of a batch. Returns the batch if the stream no longer holds them. */
  async #publishBatch(functionArn: string, batch: StreamBatch): Promise<string | StreamBatch> {
    let count = 0;
    try {
      for await (const page of streamRecords(this.#streams, batch)) {
        // The filters of the function's event source mapping.
        const records = page.filter(
          ({ eventName, dynamodb: { NewImage } = {} }) =>
            NewImage?.updatedAt?.S !== undefined ||
            (eventName === 'INSERT' && NewImage?.revision?.N === String(Revision.created)),
        );
        await this.#publish(functionArn, records);
        count += records.length;
      }
    } catch (error) {
      if (error instanceof StreamRecordsGone) return batch;
      throw error;
    }
    return `published ${count} records of the stream`;
  }

  /** Publishes the state of a post that could not be published, if it can be read by now. */
  async #publishUpdate({ postId }: UnpublishedUpdate): Promise<string> {
    const item = await this.#readItem(postId);
    if (!item) return `nothing to publish: post ${postId} is deleted`;
    const post = unmarshall(item);
    const isRemoved = isTombstone(item);
    if (!isRemoved && !BlogPostUpdated.safeParse({ version: 1, revision: post.revision, post }).success)
      throw new Error(`The stored post ${postId} still cannot be read.`);
    await this.#publish(this.#stack.outputs.PublishPostUpdatesFunctionName, [recordOf(item)]);
    return `published the ${isRemoved ? 'removal' : 'state'} of post ${postId}`;
  }

  /** Reads the item of a post consistently. */
  async #readItem(id: string): Promise<Item | undefined> {
    const TableName = this.#stack.outputs.PostsTableName;
    const Key = { id: { S: id } };
    return (await this.#dynamoDb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  }

  /**
   * Invokes `publish-post-updates` with records of the Posts table's stream, and waits for its
   * response.
   */
  async #publish(functionName: string, records: object[]): Promise<void> {
    if (records.length === 0) return;
    const answer = await this.#call(functionName, JSON.stringify({ Records: records }));
    const { batchItemFailures } = parse(Published, answer, 'The answer');
    if (batchItemFailures.length > 0)
      throw new Error(`${nameOf(functionName)} could not publish all records; its log says why.`);
  }
}

/** Returns whether an item takes the place of a removed post. */
function isTombstone(item: Item): boolean {
  return Tombstone.safeParse(unmarshall(item)).success;
}

/** Returns a stream record of a post that has just been saved in its present state. */
function recordOf(item: Item): object {
  return { dynamodb: { SequenceNumber: '0', Keys: { id: item.id }, NewImage: item } };
}

/**
 * Returns the name of the function or topic with this ARN. Returns a function's name unchanged.
 */
function nameOf(arn: string): string {
  if (!validate(arn)) return arn;
  const { service, resource } = parseArn(arn);
  // The resource is `function:<name>`, and `function:<name>:<qualifier>` for a version or an alias.
  return service === 'lambda' ? (resource.split(':')[1] ?? resource) : resource;
}

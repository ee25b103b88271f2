import { SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import * as z from 'zod/mini';
import { parse } from '../model/parse.ts';
import type { Stack } from './stack.ts';

const Mails = z.array(z.object({ to: z.string(), text: z.string() }));

/** A reader of the e-mails about one topic, whose mailbox is the inbox of the local cloud. */
export class LocalReader {
  readonly #stack: Stack;
  readonly #sns: SNSClient;
  readonly #address: string;
  #subscriptionArn: string | undefined;
  #isConfirmed = false;

  constructor(stack: Stack, address: string) {
    this.#stack = stack;
    this.#sns = new SNSClient(stack.settings);
    this.#address = address;
  }

  /** Requests a subscription, not by the API, which limits the requests of an hour. */
  async subscribe(TopicArn: string, topic: string): Promise<void> {
    const { SubscriptionArn } = await this.#sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'email',
        Endpoint: this.#address,
        ReturnSubscriptionArn: true,
        Attributes: { FilterPolicy: JSON.stringify({ topic: [topic] }), FilterPolicyScope: 'MessageBody' },
      }),
    );
    this.#subscriptionArn = SubscriptionArn;
  }

  /** Opens the link in the confirmation. Returns false if it has not arrived. */
  async confirm(): Promise<boolean> {
    const [, link] = /(http\S+\/confirmation\S+)/.exec((await this.#mails())[0] ?? '') ?? [];
    if (link === undefined) return false;
    const page = await fetch(link);
    if (!page.ok) throw new Error(`The confirmation link responded with the status ${page.status}.`);
    this.#isConfirmed = true;
    return true;
  }

  /** Returns whether an e-mail about a post has arrived. */
  async hasMailAbout(postId: string): Promise<boolean> {
    return (await this.#mails()).some((text) => text.includes(postId));
  }

  /** Ends the subscription, if it is confirmed. SNS deletes any other after 48 hours. */
  async unsubscribe(): Promise<void> {
    if (this.#isConfirmed)
      await this.#sns.send(new UnsubscribeCommand({ SubscriptionArn: this.#subscriptionArn }));
  }

  async #mails(): Promise<string[]> {
    const answer = await fetch(`${this.#stack.outputs.ApiUrl}/_local/emails`);
    const mails = parse(Mails, await answer.json(), 'The inbox');
    return mails.filter(({ to }) => to === this.#address).map(({ text }) => text);
  }
}

import * as z from 'zod/mini';

/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What a system answered, by the name of the call, in the order of the calls. */
export type Answers = Record<string, Json>;

/** What the SDK throws when a service refuses. */
const Refusal = z.looseObject({
  name: z.string(),
  $metadata: z.object({ httpStatusCode: z.number() }),
});

/** The words of an error are nobody's contract, so they are not kept. */
const words = ['ErrorMessage', 'Message'];

const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/**
 * The values that no two runs have in common, by the name of their field: what has the shape is replaced, and what has
 * not stays as it is, which then is a difference.
 */
const shapes: Record<string, [shape: RegExp, replacement: string]> = {
  ApproximateCreationDateTime: [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/, '<time in seconds>'],
  ApproximateFirstReceiveTimestamp: [/^\d{13}$/, '<milliseconds>'],
  EventId: [new RegExp(`^${uuid}$`), '<uuid>'],
  MessageId: [new RegExp(`^${uuid}$`), '<uuid>'],
  QueueUrls: [/^http:\/\/(127\.0\.0\.1|localhost):\d+\//, '<endpoint>/'],
  QueueUrl: [/^http:\/\/(127\.0\.0\.1|localhost):\d+\//, '<endpoint>/'],
  ReceiptHandle: [/^\S{20,}$/, '<handle>'],
  SentTimestamp: [/^\d{13}$/, '<milliseconds>'],
  SequenceNumber: [/^\d{21,40}$/, '<digits>'],
  SubscriptionArn: [new RegExp(`(?<=^arn:aws:sns:us-east-1:\\d{12}:\\w+:)${uuid}$`), '<uuid>'],
  awsRegion: [/^(us-east-1|ddblocal)$/, '<region>'],
  eventID: [new RegExp(`^(${uuid}|[0-9a-f]{32})$`), '<id>'],
};

/** Makes the calls of one service to one system, and keeps the answers. */
export class Recorder {
  readonly answers: Answers = {};

  /**
   * Keeps what a call gives, or how it is refused.
   * @returns the answer, of which nothing is there when the call was refused
   * @throws what is not an answer of the service, e.g. that there is no connection
   */
  async call<Answer extends object>(name: string, answer: Promise<Answer>): Promise<Partial<Answer>> {
    try {
      const { $metadata: _, ...fields }: Partial<Answer> & { $metadata?: unknown } = await answer;
      this.keep(name, fields);
      return await answer;
    } catch (cause) {
      const refusal = Refusal.safeParse(cause);
      if (!refusal.success) throw cause;
      const { name: error, $metadata, Item } = refusal.data;
      this.keep(name, { error, status: $metadata.httpStatusCode, Item });
      return {};
    }
  }

  /** Keeps a value that was found out by several calls. */
  keep(name: string, value: unknown): void {
    if (name in this.answers) throw new Error(`There are two calls named ${name}.`);
    this.answers[name] = comparable(value);
  }
}

/** The value as JSON, without what no two runs have in common, fields and members of sets sorted. */
function comparable(value: unknown, field = ''): Json {
  if (value instanceof Set) return [...value].map((member) => comparable(member)).sort();
  if (value instanceof Date) return comparable(value.toISOString(), field);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) {
    const elements = value.map((element) => comparable(element, field));
    return /^[SNB]S$/.test(field) ? elements.sort() : elements;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(
      ([name, content]) => content !== undefined && !words.includes(name),
    );
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(fields.map(([name, content]) => [name, comparable(content, name)]));
  }
  if (typeof value === 'string') {
    const shape = shapes[field];
    return shape ? value.replace(...shape) : value;
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

import * as z from 'zod/mini';

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The responses of a system, by the name of the call, in the order of the calls. */
export type Answers = Record<string, Json>;

/** The error that the SDK throws for an error response. */
const Refusal = z.looseObject({
  name: z.string(),
  $metadata: z.object({ httpStatusCode: z.number() }),
});

/**
 * The fields with the message of an error. AWS does not document messages, so they are not kept.
 */
const words = ['ErrorMessage', 'Message'];

const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/**
 * The values that differ between any two runs, by the name of their field. A value of the shape is
 * replaced. A value of another shape stays, and so counts as a difference.
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

/** Keeps the responses of one system to the calls of one service. */
export class Recorder {
  readonly answers: Answers = {};

  /**
   * Keeps the response to a call, or its error code and status.
   * @returns the response; without fields if it is an error response
   * @throws if the service has not responded, e.g. because there is no connection
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

  /** Keeps a value that results from several calls. */
  keep(name: string, value: unknown): void {
    if (name in this.answers) throw new Error(`Two calls are named ${name}. Rename one of them.`);
    this.answers[name] = comparable(value);
  }
}

/**
 * Returns a value as JSON, without values that differ between any two runs, and with fields and
 * members of sets sorted.
 */
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

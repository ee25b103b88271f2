import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/** The types of attributes, each with or without the sender's own label. */
export const VALUE_TYPE = /^(String|Number|Binary)(\..+)?$/;

/** Validates the shape of message attributes, as a client sends them. */
export const SentAttributes = z.record(
  z.string(),
  z.strictObject({
    DataType: z.optional(z.string()),
    StringValue: z.optional(z.string()),
    BinaryValue: z.optional(z.base64()),
    StringListValues: z.optional(z.array(z.string())),
    BinaryListValues: z.optional(z.array(z.string())),
  }),
);
/** Validates message attributes of SQS and SNS; binary values are base64. */
export const MessageAttributes = z.record(
  z.string(),
  z.union([
    z.strictObject({
      DataType: z.string().check(z.regex(/^(String|Number)(\..+)?$/)),
      StringValue: z.string().check(z.minLength(1)),
    }),
    z.strictObject({ DataType: z.string().check(z.regex(/^Binary(\..+)?$/)), BinaryValue: z.base64() }),
  ]),
);
export type MessageAttributes = z.infer<typeof MessageAttributes>;

/**
 * Returns the digest with which clients verify the attributes that they sent or received;
 * `undefined` without attributes. Source: SQS Developer Guide, "Amazon SQS message metadata".
 */
export function md5OfMessageAttributes(attributes: MessageAttributes): string | undefined {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return undefined;
  const digest = createHash('md5');
  const update = (part: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    digest.update(length).update(part);
  };
  for (const [name, attribute] of entries) {
    update(Buffer.from(name));
    update(Buffer.from(attribute.DataType));
    digest.update(Buffer.of('BinaryValue' in attribute ? 2 : 1));
    update(bytesOf(attribute));
  }
  return digest.digest('hex');
}

/**
 * Returns how many bytes the attributes add to the size of their message: names, types and values.
 */
export function sizeOfMessageAttributes(attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (size, [name, attribute]) =>
      size + Buffer.byteLength(name + attribute.DataType) + bytesOf(attribute).length,
    0,
  );
}

function bytesOf(attribute: MessageAttributes[string]): Buffer {
  return 'BinaryValue' in attribute
    ? Buffer.from(attribute.BinaryValue, 'base64')
    : Buffer.from(attribute.StringValue);
}

import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/** Message attributes as SQS's JSON protocol has them: binary values are base64. At most 10 a message. */
export const MessageAttributes = z
  .record(
    z.string().check(z.regex(/^[\w.-]{1,256}$/, 'The name of a message attribute is malformed.')),
    z.union([
      z.strictObject({
        DataType: z.string().check(z.regex(/^(String|Number)(\..+)?$/)),
        StringValue: z.string().check(z.minLength(1)),
      }),
      z.strictObject({ DataType: z.string().check(z.regex(/^Binary(\..+)?$/)), BinaryValue: z.base64() }),
    ]),
  )
  .check(
    z.refine((attributes) => Object.keys(attributes).length <= 10, 'A message has at most 10 attributes.'),
  );

export type MessageAttributes = z.infer<typeof MessageAttributes>;

const TRANSPORT_TYPE = { string: 1, binary: 2 };

/**
 * The digest by which clients check the attributes they sent or received, as the "Amazon SQS message metadata" page
 * of the developer guide defines it. There is none of no attributes.
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
    const binary = 'BinaryValue' in attribute;
    digest.update(Buffer.of(binary ? TRANSPORT_TYPE.binary : TRANSPORT_TYPE.string));
    update(binary ? Buffer.from(attribute.BinaryValue, 'base64') : Buffer.from(attribute.StringValue));
  }
  return digest.digest('hex');
}

/** How many bytes the attributes add to the size of their message: names, types and values. */
export function sizeOfMessageAttributes(attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce((size, [name, attribute]) => {
    const value =
      'BinaryValue' in attribute ? Buffer.from(attribute.BinaryValue, 'base64') : attribute.StringValue;
    return size + Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + Buffer.byteLength(value);
  }, 0);
}

/** The attributes that a receiver asks for by `names`: `All`, `.*`, a name, or a prefix as `prefix.*`. */
export function selectMessageAttributes(
  attributes: MessageAttributes,
  names: readonly string[],
): MessageAttributes {
  const wanted = (attribute: string) =>
    names.some(
      (name) =>
        name === 'All' ||
        name === attribute ||
        (name.endsWith('.*') && attribute.startsWith(name.slice(0, -'.*'.length))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}

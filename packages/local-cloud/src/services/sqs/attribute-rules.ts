import type * as z from 'zod/mini';
import { AwsError } from '../../core/service.ts';
import { isXmlText } from '../../core/xml-characters.ts';
import { type MessageAttributes, type SentAttributes, VALUE_TYPE } from './message-attributes.ts';

type SentAttribute = z.infer<typeof SentAttributes>[string];

/** Source of the limits: SQS Developer Guide, "Amazon SQS message metadata". */
const MAXIMUM_ATTRIBUTES = 10;
const MAXIMUM_LENGTH = 256;
const SMALLEST_NUMBER = 1e-128;
const LARGEST_NUMBER = 1e126;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Letters of any script, as AWS has been observed to accept them. */
const NAME = /^[\p{L}\p{N}_.-]+$/u;

/**
 * Returns the attributes of a message.
 * @throws {AwsError} `InvalidParameterValue`, in the words of SQS, for the first attribute that
 * breaks a rule
 */
export function messageAttributes(sent: z.infer<typeof SentAttributes>): MessageAttributes {
  const entries = Object.entries(sent).sort(([one], [other]) => (one < other ? -1 : 1));
  if (entries.length > MAXIMUM_ATTRIBUTES)
    throw invalid(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAXIMUM_ATTRIBUTES}].`,
    );
  return Object.fromEntries(
    entries.map(([name, attribute]) => {
      refuseName(name);
      return [name, sentValue(name, typeOf(name, attribute), attribute)];
    }),
  );
}

function refuseName(name: string): void {
  if (name === '') throw invalid('The request must contain non-empty message (user) attribute names.');
  if (Buffer.byteLength(name) > MAXIMUM_LENGTH)
    throw invalid(`Message (user) attribute name must be shorter than ${MAXIMUM_LENGTH} bytes.`);
  if (/^(aws|amazon)\./i.test(name))
    throw invalid(
      "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.",
    );
  if (/^\.|\.\.|\.$/.test(name) || !NAME.test(name))
    throw invalid(
      `The message (user) attribute name '${name}' must consist of letters, digits, underscores, hyphens and single periods within it.`,
    );
}

function typeOf(name: string, { DataType }: SentAttribute): string {
  if (!DataType)
    throw invalid(`The message (user) attribute '${name}' must contain a non-empty message attribute type.`);
  if (Buffer.byteLength(DataType) > MAXIMUM_LENGTH)
    throw invalid(`Message (user) attribute type must be shorter than ${MAXIMUM_LENGTH} bytes.`);
  if (!VALUE_TYPE.test(DataType))
    throw invalid(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  return DataType;
}

function sentValue(name: string, DataType: string, sent: SentAttribute): MessageAttributes[string] {
  const { StringValue, BinaryValue, StringListValues, BinaryListValues } = sent;
  if (StringListValues?.length || BinaryListValues?.length)
    throw invalid('Message attribute list values in SendMessage operation are not supported.');
  const field = DataType.startsWith('Binary') ? 'Binary' : 'String';
  const [own, other] = field === 'Binary' ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
  if (!own)
    throw invalid(`Message (user) attribute '${name}' must contain a non-empty value of type '${field}'.`);
  if (other)
    throw invalid(`Message (user) attribute '${name}' must contain only a value of type '${field}'.`);
  if (field === 'Binary') return { DataType, BinaryValue: own };
  if (!isXmlText(own))
    throw invalid(`Message (user) attribute '${name}' contains characters outside the allowed set.`);
  if (DataType.startsWith('Number')) refuseNumber(name, own);
  return { DataType, StringValue: own };
}

function refuseNumber(name: string, text: string): void {
  const size = Math.abs(Number(text));
  if (!NUMBER.test(text) || size > LARGEST_NUMBER || (size !== 0 && size < SMALLEST_NUMBER))
    throw invalid(`Can't cast the value of message (user) attribute '${name}' to a number.`);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

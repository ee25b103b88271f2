import type * as z from 'zod/mini';
import { AwsError } from '../../core/service.ts';
import { type MessageAttributes, type SentAttributes, VALUE_TYPE } from '../sqs/message-attributes.ts';

type SentAttribute = z.infer<typeof SentAttributes>[string];

/** Source: SNS Developer Guide, "Amazon SNS message attributes". */
const MAXIMUM_NAME_LENGTH = 256;

/**
 * Returns the attributes of a message.
 * @throws {AwsError} `ParameterValueInvalid` or `ValidationError`, in the words of SNS, for the first
 * attribute that breaks a rule
 */
export function publishedAttributes(sent: z.infer<typeof SentAttributes>): MessageAttributes {
  return Object.fromEntries(
    Object.entries(sent).map(([name, attribute]) => {
      refuseName(name);
      return [name, sentValue(name, attribute)];
    }),
  );
}

function refuseName(name: string): void {
  if (Buffer.byteLength(name) > MAXIMUM_NAME_LENGTH)
    throw invalid(`Length of message attribute name must be less than ${MAXIMUM_NAME_LENGTH} bytes.`);
  const other = /[^\w.-]/u.exec(name)?.[0].codePointAt(0);
  if (other !== undefined)
    throw invalid(
      `Invalid non-alphanumeric character '#x${other.toString(16).toUpperCase()}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  if (name.startsWith('.'))
    throw invalid("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith('.'))
    throw invalid("Invalid message attribute name ending with character '.' was found.");
  if (name.includes('..')) throw invalid("Message attribute name can not have successive '.' character.");
  if (name === '' || /^(aws|amazon)\./i.test(name))
    throw invalid(
      `The message attribute name '${name}' must not be empty or begin with 'AWS.' or 'Amazon.'.`,
    );
}

function sentValue(
  name: string,
  { DataType, StringValue, BinaryValue, StringListValues, BinaryListValues }: SentAttribute,
): MessageAttributes[string] {
  if (DataType === undefined) {
    const place = `messageAttributes.${name}.member.dataType`;
    const message = `1 validation error detected: Value null at '${place}' failed to satisfy constraint: Member must not be null`;
    throw new AwsError('ValidationError', message);
  }
  if (!VALUE_TYPE.test(DataType))
    throw invalid(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const field = DataType.startsWith('Binary') ? 'Binary' : 'String';
  const [own, other] = field === 'Binary' ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
  if (other || StringListValues || BinaryListValues)
    throw invalid(`The message attribute '${name}' with type '${DataType}' must use field '${field}'.`);
  if (!own)
    throw invalid(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  if (DataType.startsWith('Number') && !Number.isFinite(Number(own.trim() || Number.NaN)))
    throw invalid(`Could not cast message attribute '${name}' value to number.`);
  return field === 'Binary' ? { DataType, BinaryValue: own } : { DataType, StringValue: own };
}

function invalid(message: string): AwsError {
  return new AwsError('ParameterValueInvalid', message);
}

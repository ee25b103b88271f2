import { publishedAttributes } from '../../../src/services/sns/attribute-rules.ts';

type Sent = Parameters<typeof publishedAttributes>[0];

test.each<[string, Sent]>([
  ['text', { a: { DataType: 'String', StringValue: 'x' } }],
  ['a label of a type', { 'a.b-c_1': { DataType: 'String.  prefixed.', StringValue: 'x' } }],
  ['a list', { a: { DataType: 'String.Array', StringValue: '["x"]' } }],
  ['a number', { a: { DataType: 'Number', StringValue: '-99.12' } }],
  ['bytes', { a: { DataType: 'Binary', BinaryValue: 'AP8H' } }],
])('%s is accepted', (_name, attributes) => {
  expect(publishedAttributes(attributes)).toEqual(attributes);
});

const value = { DataType: 'String', StringValue: '123' };
const type =
  'has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.';
const empty = 'must contain non-empty message attribute value for message attribute type';

test.each<[Sent, string]>([
  [{ attr1: { DataType: 'String', StringValue: '' } }, `The message attribute 'attr1' ${empty} 'String'.`],
  [{ attr1: { DataType: 'String' } }, `The message attribute 'attr1' ${empty} 'String'.`],
  [{ attr1: { DataType: 'Binary', BinaryValue: '' } }, `The message attribute 'attr1' ${empty} 'Binary'.`],
  [
    { attr1: { DataType: 'String', BinaryValue: 'MTIz' } },
    "The message attribute 'attr1' with type 'String' must use field 'String'.",
  ],
  [
    { attr1: { DataType: 'Number', BinaryValue: 'MTIz' } },
    "The message attribute 'attr1' with type 'Number' must use field 'String'.",
  ],
  [
    { attr1: { DataType: 'Binary', StringValue: '123' } },
    "The message attribute 'attr1' with type 'Binary' must use field 'Binary'.",
  ],
  ...['InvalidType', 'String.', 'Stringprefixed', ''].map((DataType): [Sent, string] => [
    { attr1: { DataType, StringValue: '123' } },
    `The message attribute 'attr1' ${type}`,
  ]),
  ...['abc', ' ', '1,5'].map((StringValue): [Sent, string] => [
    { attr1: { DataType: 'Number', StringValue } },
    "Could not cast message attribute 'attr1' value to number.",
  ]),
  [{ ['a'.repeat(257)]: value }, 'Length of message attribute name must be less than 256 bytes.'],
  [
    { 'a^*?': value },
    "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
  ],
  [{ '.abc': value }, "Invalid message attribute name starting with character '.' was found."],
  [{ 'abc.': value }, "Invalid message attribute name ending with character '.' was found."],
  [{ 'a..bc': value }, "Message attribute name can not have successive '.' character."],
  [
    { 'AWS.a': value },
    "The message attribute name 'AWS.a' must not be empty or begin with 'AWS.' or 'Amazon.'.",
  ],
])('%j is refused in the words of SNS', (attributes, message) => {
  expect(() => publishedAttributes(attributes)).toThrow(
    expect.objectContaining({ code: 'ParameterValueInvalid', message }),
  );
});

test('an attribute without a type is refused in the words of SNS', () => {
  expect(() => publishedAttributes({ attr1: { StringValue: 'value' } })).toThrow(
    expect.objectContaining({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null",
    }),
  );
});

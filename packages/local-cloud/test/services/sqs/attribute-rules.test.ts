import fc from 'fast-check';
import { messageAttributes } from '../../../src/services/sqs/attribute-rules.ts';

const text = (StringValue: string, DataType = 'String') => ({ DataType, StringValue });

test.each([
  ['a name in any script', { 'attr.1øßä': text('Valid') }],
  ['a name of 256 bytes', { ['a'.repeat(256)]: text('x') }],
  ['a name that only contains AWS.', { 'my.AWS.name': text('x'), awsname: text('x') }],
  ['a label of a type', { a: text('1234567890123456789012', 'Number.bigint') }],
  ['numbers', { a: text('-1.5e3', 'Number'), b: text('+.5', 'Number'), c: text('0', 'Number') }],
  ['bytes', { a: { DataType: 'Binary', BinaryValue: 'AP8H' } }],
  ['ten', Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`a${index}`, text('x')]))],
])('%s is accepted', (_name, attributes) => {
  expect(messageAttributes(attributes)).toEqual(attributes);
});

const refused: [sent: Parameters<typeof messageAttributes>[0], message: string][] = [
  [
    Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, text('x')])),
    'Number of message attributes [11] exceeds the allowed maximum [10].',
  ],
  [{ '': text('x') }, 'The request must contain non-empty message (user) attribute names.'],
  [{ ['L'.repeat(257)]: text('x') }, 'Message (user) attribute name must be shorter than 256 bytes.'],
  ...['AWS.a', 'aWs.a', 'AMAZON.a'].map((name): (typeof refused)[number] => [
    { [name]: text('x') },
    "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.",
  ]),
  ...['.a', 'a.', 'a..b', 'a!b', 'a"b', 'a§b', 'a b', 'a?b'].map((name): (typeof refused)[number] => [
    { [name]: text('x') },
    `The message (user) attribute name '${name}' must consist of`,
  ]),
  [
    { a: { StringValue: 'x' } },
    "The message (user) attribute 'a' must contain a non-empty message attribute type.",
  ],
  ...['Text', 'string', 'StringList', 'String.'].map((type): (typeof refused)[number] => [
    { a: text('x', type) },
    "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: Binary, Number, String.",
  ]),
  [
    { a: text('x', `String.${'a'.repeat(250)}`) },
    'Message (user) attribute type must be shorter than 256 bytes.',
  ],
  [{ a: text('') }, "Message (user) attribute 'a' must contain a non-empty value of type 'String'."],
  [
    { a: { DataType: 'Number' } },
    "Message (user) attribute 'a' must contain a non-empty value of type 'String'.",
  ],
  [
    { a: text('x', 'Binary') },
    "Message (user) attribute 'a' must contain a non-empty value of type 'Binary'.",
  ],
  [
    { a: { ...text('x'), BinaryValue: 'AP8H' } },
    "Message (user) attribute 'a' must contain only a value of type 'String'.",
  ],
  [
    { a: { DataType: 'String', StringListValues: ['x'] } },
    'Message attribute list values in SendMessage operation are not supported.',
  ],
  [{ a: text('\b') }, "Message (user) attribute 'a' contains characters outside the allowed set."],
  ...['none', '1,5', '0x10', ' 1', 'Infinity', '1e127', '1e-129', '.', '1e'].map(
    (value): (typeof refused)[number] => [
      { a: text(value, 'Number') },
      "Can't cast the value of message (user) attribute 'a' to a number.",
    ],
  ),
];

test.each(refused)('%j is refused in the words of SQS', (attributes, message) => {
  expect(() => messageAttributes(attributes)).toThrow(message);
  expect(() => messageAttributes(attributes)).toThrow(
    expect.objectContaining({ code: 'InvalidParameterValue' }),
  );
});

test('attributes are either accepted unchanged or refused with an error of SQS', () => {
  const attribute = fc.record(
    {
      DataType: fc.oneof(fc.constantFrom('String', 'Number', 'Binary', 'Number.int'), fc.string()),
      StringValue: fc.oneof(fc.string({ unit: 'binary' }), fc.double().map(String)),
      BinaryValue: fc.base64String(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), attribute, { maxKeys: 12 }), (sent) => {
      try {
        expect(messageAttributes(sent)).toEqual(
          Object.fromEntries(
            Object.entries(sent).map(([name, value]) => [
              name,
              Object.fromEntries(Object.entries(value).filter(([, field]) => field !== '')),
            ]),
          ),
        );
      } catch (error) {
        expect(error).toMatchObject({ code: 'InvalidParameterValue', status: 400 });
      }
    }),
  );
});

import fc from 'fast-check';
import { compileEventPattern } from '../../../src/services/eventbridge/event-pattern.ts';
import { compileFilterPolicy, type FilterPolicyScope } from '../../../src/services/sns/filter-policy.ts';
import type { MessageAttributes } from '../../../src/services/sqs/message-attributes.ts';

function compile(policy: unknown, scope: FilterPolicyScope) {
  return compileFilterPolicy(JSON.stringify(policy), scope);
}

describe('MessageAttributes', () => {
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  const list = (...values: unknown[]) => ({ DataType: 'String.Array', StringValue: JSON.stringify(values) });
  const number = (StringValue: string) => ({ DataType: 'Number', StringValue });
  const binary = { DataType: 'Binary', BinaryValue: 'cnVnYnk=' };
  test.each<[unknown, MessageAttributes, boolean]>([
    [{ interests: ['rugby', 'tennis'] }, { interests: text('rugby') }, true],
    [{ interests: ['rugby', 'tennis'] }, { interests: list('soccer', 'tennis') }, true],
    [{ interests: ['rugby', 'tennis'] }, { interests: text('baseball') }, false],
    [{ interests: ['rugby'] }, { interests: text('Rugby') }, false],
    [{ interests: ['rugby'] }, {}, false],
    [{ interests: [null, true] }, { interests: list(null) }, true],
    [
      { interests: [{ 'anything-but': ['rugby', 'tennis'] }] },
      { interests: list('rugby', 'baseball') },
      true,
    ],
    [{ interests: [{ 'anything-but': ['rugby', 'tennis'] }] }, { interests: list('rugby') }, false],
    [{ event: [{ 'anything-but': { prefix: 'order-' } }] }, { event: text('order_number') }, true],
    [{ event: [{ 'anything-but': { prefix: 'order-' } }] }, { event: text('order-cancelled') }, false],
    [{ interests: [{ 'equals-ignore-case': 'tennis' }] }, { interests: text('TENNIS') }, true],
    [{ interests: [{ prefix: 'bas' }] }, { interests: text('basketball') }, true],
    [{ interests: [{ suffix: 'ball' }] }, { interests: text('basketball') }, true],
    [{ source: [{ cidr: '10.0.0.0/24' }] }, { source: text('10.0.0.255') }, true],
    [{ source: [{ cidr: '10.0.0.0/24' }] }, { source: text('10.1.1.0') }, false],
    [{ price: [{ numeric: ['=', 301.5] }] }, { price: number('3.015e2') }, true],
    [{ price: [{ numeric: ['>', 0, '<=', 150] }] }, { price: number('150.1') }, false],
    [{ price: [{ numeric: ['>', 0] }] }, { price: text('5') }, false],
    [{ price: [100] }, { price: { DataType: 'Number.eur', StringValue: '100' } }, true],
    [{ store: [{ exists: true }] }, { store: text('x') }, true],
    [{ store: [{ exists: false }] }, { store: text('x') }, false],
    [{ store: [{ exists: false }] }, {}, true],
    [{ store: [{ exists: true }] }, { store: binary }, false],
    [{ store: ['x'] }, { store: { DataType: 'String.Array', StringValue: 'x' } }, false],
    [{ a: ['1'], $or: [{ b: ['2'] }, { c: ['3'] }] }, { a: text('1'), c: text('3') }, true],
    [{ a: ['1'], $or: [{ b: ['2'] }, { c: ['3'] }] }, { a: text('1'), c: text('2') }, false],
    [{}, {}, true],
  ])('%j on %j: %j', (policy, attributes, expected) => {
    expect(compile(policy, 'MessageAttributes')({ body: 'any', attributes })).toBe(expected);
  });
});

describe('MessageBody', () => {
  const records = {
    Records: { s3: { object: { key: [{ prefix: 'auto-' }] } }, eventName: [{ prefix: 'ObjectCreated:' }] },
  };
  const record = (eventName: string, key: string) => ({ eventName, s3: { object: [[{ key }]] } });
  test.each<[unknown, unknown, boolean]>([
    [{ topic: ['summer'] }, { message: 'New post', topic: 'summer' }, true],
    [{ topic: ['summer'] }, { message: 'New post', topic: 'winter' }, false],
    [{ headers: { 'route-to': ['queue1'] } }, { headers: { 'route-to': ['queue2', 'queue1'] } }, true],
    [{ 'a.b': ['x'] }, { a: { b: 'x' } }, true],
    [
      records,
      { Records: [record('ObjectCreated:Put', 'auto-1'), record('ObjectRemoved:Delete', 'home-1')] },
      true,
    ],
    [
      records,
      { Records: [record('ObjectCreated:Put', 'home-1'), record('ObjectRemoved:Delete', 'auto-1')] },
      false,
    ],
    [{ detail: { version: [''] } }, { resources: [], detail: { version: '', other: null } }, true],
    [{ topic: [{ exists: false }] }, ['summer'], false],
    [{ topic: [{ exists: false }] }, 'summer', false],
  ])('%j on %j: %j', (policy, body, expected) => {
    const message = {
      body: JSON.stringify(body),
      attributes: { topic: { DataType: 'String', StringValue: 'summer' } },
    };
    expect(compile(policy, 'MessageBody')(message)).toBe(expected);
  });

  test('a body that is not JSON matches only the empty policy', () => {
    const message = { body: '{"message":"say "hi""}', attributes: {} };
    expect(compile({ topic: [{ exists: false }] }, 'MessageBody')(message)).toBe(false);
    expect(compile({}, 'MessageBody')(message)).toBe(true);
  });

  test('matches like an event pattern', () => {
    const word = fc.constantFrom('summer', 'winter', 'Summer', '');
    const element = fc.oneof(word, fc.record({ prefix: word }), fc.record({ exists: fc.boolean() }));
    const policy = fc.record({ topic: fc.array(element, { minLength: 1, maxLength: 4 }) });
    const body = fc.dictionary(fc.constantFrom('topic', 'other'), fc.oneof(word, fc.array(word)));
    fc.assert(
      fc.property(policy, body, (pattern, subject) => {
        const message = { body: JSON.stringify(subject), attributes: {} };
        expect(compile(pattern, 'MessageBody')(message)).toBe(compileEventPattern(pattern)(subject));
      }),
    );
  });
});

describe('refused policies', () => {
  const values = (length: number) => Array.from({ length }, (_, index) => `value${index}`);
  test.each<[unknown, string]>([
    [[], 'FilterPolicy: failed to parse JSON.'],
    [{ key: 'value' }, 'FilterPolicy: "key" must be an object or an array'],
    [{ key: [] }, 'FilterPolicy: Empty arrays are not allowed'],
    [{ key: [['value']] }, 'FilterPolicy: Match value must be String, number, true, false, or null'],
    [{ key: [{ 'wrong-operator': true }] }, 'FilterPolicy: Unrecognized match type wrong-operator'],
    [{ key: [{ suffix: 'a', prefix: 'b' }] }, 'FilterPolicy: Only one key allowed in match expression'],
    [{ key: [{ exists: 'no' }] }, 'FilterPolicy: exists match pattern must be either true or false.'],
    [{ key: [{ wildcard: 'a*' }] }, 'FilterPolicy: Unrecognized match type wildcard'],
    [
      { key: [{ prefix: { 'equals-ignore-case': 'a' } }] },
      'FilterPolicy: prefix match pattern must be a string',
    ],
    [
      { key: [{ suffix: { 'equals-ignore-case': 'a' } }] },
      'FilterPolicy: suffix match pattern must be a string',
    ],
    [
      { key: [{ 'anything-but': { suffix: 'a' } }] },
      'FilterPolicy: Unsupported anything-but pattern: suffix',
    ],
    ...[
      [[], 'Invalid member in numeric match: ]'],
      [['operator'], 'Unrecognized numeric range operator: operator'],
      [[1, '<='], 'Invalid member in numeric match: 1'],
      [['=', '000'], 'Value of equals must be numeric'],
      [['>='], 'Value of >= must be numeric'],
      [['<', 100, '>', 10], 'Too many elements in numeric expression'],
      [['>=', 1, '>', 2], 'Bad numeric range operator: >'],
      [['>', 3, '<', 1], 'Bottom must be less than top'],
      [['>', 20, '<='], 'Value of <= must be numeric'],
      [['>', 20, 30], 'Bad value in numeric range: 30'],
      [['>', 20, 'test'], 'Bad numeric range operator: test'],
      [['>', 20, '<', 30, '<', 50], 'Too many terms in numeric range expression'],
    ].map(([numeric, reason]): [object, string] => [{ key: [{ numeric }] }, `FilterPolicy: ${reason}`]),
    [{ key: [{ 'anything-but': { prefix: false } }] }, 'FilterPolicy: prefix match pattern must be a string'],
    [{ key: [{ 'anything-but': { prefix: ['a'] } }] }, 'FilterPolicy: prefix match pattern must be a string'],
    [
      { a: [1], b: [1], c: [1], d: [1], e: [1], f: [1] },
      'FilterPolicy: Filter policy can not have more than 5 keys',
    ],
    [
      { key: [{ numeric: ['<', 1_000_000_001] }] },
      'FilterPolicy: Value must be between -1.0E9 and 1.0E9, inclusive',
    ],
    [{ key: values(151) }, 'FilterPolicy: Filter policy is too complex'],
    [{ key1: values(100), key2: values(2) }, 'FilterPolicy: Filter policy is too complex'],
    // 4 × 6 + 4 × 4 × 4 + 4 × 4 × 4 = 152
    [
      { a: values(4), $or: [{ b: values(6) }, { c: values(4), $or: [{ d: values(4) }, { e: values(4) }] }] },
      'FilterPolicy: Filter policy is too complex',
    ],
  ])('%j', (policy, reason) => {
    for (const scope of ['MessageAttributes', 'MessageBody'] as const) {
      expect(() => compile(policy, scope)).toThrow(
        expect.objectContaining({
          code: 'InvalidParameter',
          message: `Invalid parameter: Attributes Reason: ${reason}`,
        }),
      );
    }
  });

  test('text that is not JSON', () => {
    expect(() => compileFilterPolicy('{', 'MessageBody')).toThrow(
      'Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON.',
    );
  });

  test('more than 256 KB', () => {
    expect(() => compile({ key: ['x'.repeat(262_144)] }, 'MessageBody')).toThrow('Filter policy is too long');
  });

  test('a nested policy is for bodies only', () => {
    const nested = { a: { b: ['x'] } };
    expect(() => compile(nested, 'MessageAttributes')).toThrow(
      'Invalid parameter: Attributes Reason: Filter policy scope MessageAttributes does not support nested filter policy',
    );
    expect(compile(nested, 'MessageBody')({ body: '{"a":{"b":"x"}}', attributes: {} })).toBe(true);
  });

  test('depth counts, and at most 150 combinations are accepted', () => {
    // (4 × 3) × (3 × 2) = 72, with two more values 144, with three 216
    const policy = (more: number) => ({ a: { b: { c: values(4) } }, d: { e: values(3) }, f: values(more) });
    expect(() => compile(policy(2), 'MessageBody')).not.toThrow();
    expect(() => compile(policy(3), 'MessageBody')).toThrow('Filter policy is too complex');
    expect(() => compile({ key: values(150) }, 'MessageAttributes')).not.toThrow();
  });
});

import fc from 'fast-check';
import { AwsError } from '../../../src/core/service.ts';
import { compileEventPattern, explainMismatch } from '../../../src/services/eventbridge/event-pattern.ts';
import { isTooComplex } from '../../../src/services/eventbridge/wildcard-complexity.ts';

/** Returns whether a field `f` with this value matches these elements of a pattern. `undefined` omits the field. */
function matches(elements: unknown[], value: unknown): boolean {
  return compileEventPattern({ f: elements })(value === undefined ? {} : { f: value });
}

describe('comparison operators', () => {
  test.each<[unknown[], unknown, boolean]>([
    // Exact values.
    [['running'], 'running', true],
    [['running'], 'Running', false],
    [['running', 'stopped'], 'stopped', true],
    [
      ['A CamelCase string, emoji 🚀 and trailing blank '],
      'A CamelCase string, emoji 🚀 and trailing blank ',
      true,
    ],
    [[''], '', true],
    [[''], undefined, false],
    [[null], null, true],
    [[null], undefined, false],
    [[null], 'null', false],
    [[null], [], false],
    [[false], false, true],
    [[false], true, false],
    [[true], 'true', false],
    [[1], 1.0, true],
    [[3.0e2], 300, true],
    [[300], '300', false],
    [[123456789012], 123456789012, true],
    // Prefix and suffix.
    [[{ prefix: '2022-07-13' }], '2022-07-13T13:48:01Z', true],
    [[{ prefix: '2022-07-99' }], '2022-07-13T13:48:01Z', false],
    [[{ prefix: '' }], 'anything', true],
    [[{ prefix: '' }], 1, false],
    [[{ prefix: { 'equals-ignore-case': 'EventB' } }], 'EvEnTbridge', true],
    [[{ prefix: { 'equals-ignore-case': 'EventB' } }], 'bEventB', false],
    [[{ suffix: '.png' }], 'image.png', true],
    [[{ suffix: '.PNG' }], 'image.png', false],
    [[{ suffix: { 'equals-ignore-case': '.png' } }], 'image.PNG', true],
    [[{ suffix: { 'equals-ignore-case': '.png' } }], 'image.jpg', false],
    // Equals-ignore-case.
    [[{ 'equals-ignore-case': 'alice' }], 'ALICE', true],
    [[{ 'equals-ignore-case': 'alice' }], 'alic', false],
    [[{ 'equals-ignore-case': '' }], '', true],
    [[{ 'equals-ignore-case': '' }], 'x', false],
    // Each character has its own lower and upper case, without regard to its neighbours.
    [[{ 'equals-ignore-case': 'οδος' }], 'ΟΔΟΣ', true],
    [[{ 'equals-ignore-case': 'οδος' }], 'οδος', true],
    [[{ 'equals-ignore-case': 'οδος' }], 'οδοσ', false],
    [[{ 'equals-ignore-case': 'ΟΔΟΣ' }], 'οδοσ', true],
    [[{ 'equals-ignore-case': 'ΟΔΟΣ' }], 'οδος', false],
    [[{ 'equals-ignore-case': 'straße' }], 'STRASSE', true],
    [[{ 'equals-ignore-case': 'strasse' }], 'straße', false],
    [[{ prefix: { 'equals-ignore-case': 'οδος' } }], 'ΟΔΟΣ 1', true],
    [[{ suffix: { 'equals-ignore-case': 'ß' } }], 'GROSS', true],
    [[{ 'anything-but': { 'equals-ignore-case': 'οδος' } }], 'ΟΔΟΣ', false],
    // Wildcard.
    [
      [{ wildcard: 'arn:aws:events:us-east-1:*:event-bus/*' }],
      'arn:aws:events:us-east-1:1:event-bus/b',
      true,
    ],
    [[{ wildcard: '/Users/*/doc.txt' }], '/Users/u/dir/dir/doc.txt', true],
    [[{ wildcard: '/Users/*/doc.txt' }], '/Users/u/dir/otherdoc.txt', false],
    [[{ wildcard: 'a*a' }], 'a', false],
    [[{ wildcard: 'a*a' }], 'aa', true],
    [[{ wildcard: '*' }], '', true],
    [[{ wildcard: '*' }], 'two\nlines', true],
    [[{ wildcard: '' }], '', true],
    [[{ wildcard: '' }], 'x', false],
    [[{ wildcard: '\\*' }], '*', true],
    [[{ wildcard: '\\*' }], 'x', false],
    [[{ wildcard: '\\**' }], '*and more', true],
    [[{ wildcard: 'C:\\\\*' }], 'C:\\Users', true],
    // Anything-but.
    [[{ 'anything-but': 'initializing' }], 'pending', true],
    [[{ 'anything-but': 'initializing' }], 'initializing', false],
    [[{ 'anything-but': 'initializing' }], undefined, false],
    [[{ 'anything-but': 'initializing' }], null, true],
    [[{ 'anything-but': 'initializing' }], {}, false],
    [[{ 'anything-but': 0 }], 789, true],
    [[{ 'anything-but': 0 }], 0, false],
    [[{ 'anything-but': 1 }], '1', true],
    [[{ 'anything-but': ['stopped', 'overloaded'] }], 'stopped', false],
    [[{ 'anything-but': ['stopped', 'overloaded'] }], 'pending', true],
    [[{ 'anything-but': [100, 200, 300] }], 999, true],
    [[{ 'anything-but': [100, 200, 300] }], 300.0, false],
    [[{ 'anything-but': { prefix: 'init' } }], 'post-init', true],
    [[{ 'anything-but': { prefix: 'init' } }], 'init-prefix', false],
    [[{ 'anything-but': { prefix: 'init' } }], 12, true],
    [[{ 'anything-but': { prefix: ['init', 'post'] } }], 'post-init', false],
    [[{ 'anything-but': { suffix: '.txt' } }], 'file.txt.bak', true],
    [[{ 'anything-but': { suffix: ['.txt', '.jpg'] } }], 'file.jpg', false],
    [[{ 'anything-but': { 'equals-ignore-case': 'initializing' } }], 'INITIALIZING', false],
    [[{ 'anything-but': { 'equals-ignore-case': ['initializing', 'stopped'] } }], 'Stopped', false],
    [[{ 'anything-but': { 'equals-ignore-case': ['initializing', 'stopped'] } }], 'pending', true],
    [[{ 'anything-but': { wildcard: '*/init/*' } }], 'dir/init/file', false],
    [[{ 'anything-but': { wildcard: ['*/init/*', '*/dir/*'] } }], 'dir/post/dir', true],
    [[{ 'anything-but': { wildcard: '*/init/*' } }], undefined, false],
    [[{ 'anything-but': 'roses' }, { exists: false }], undefined, true],
    // Numeric.
    [[{ numeric: ['=', 3.018e2] }], 301.8, true],
    [[{ numeric: ['>', 0, '<=', 5] }], 5, true],
    [[{ numeric: ['>', 0, '<=', 5] }], 0, false],
    [[{ numeric: ['<', 10] }], 10, false],
    [[{ numeric: ['<=', 10] }], 10, true],
    [[{ numeric: ['>=', -5e9] }], -5e9, true],
    [[{ numeric: ['>', 100] }], '300', false],
    [[{ numeric: ['>', 100] }], null, false],
    [[{ numeric: ['>', 100] }], 5_000_000_001, false],
    // IP addresses.
    [[{ cidr: '10.0.0.0/24' }], '10.0.0.255', true],
    [[{ cidr: '10.0.0.0/24' }], '10.0.1.0', false],
    [[{ cidr: '10.0.0.0/24' }], '10.0.0.256', false],
    [[{ cidr: '10.0.0.77/24' }], '10.0.0.1', true],
    [[{ cidr: '0.0.0.0/0' }], '8.8.8.8', true],
    [[{ cidr: '10.0.0.0/24' }], 10, false],
    [[{ cidr: '2001:db8:1234:1a00::/64' }], '2001:0db8:1234:1a00:0000:0000:0000:0000', true],
    [[{ cidr: '2001:db8:1234:1a00::/64' }], '2001:0db8:123f:1a01:0000:0000:0000:0000', false],
    [[{ cidr: '::/0' }], '10.0.0.1', false],
    // Exists, of leaves only.
    [[{ exists: true }], 'x', true],
    [[{ exists: true }], null, true],
    [[{ exists: true }], '', true],
    [[{ exists: true }], undefined, false],
    [[{ exists: true }], { c1: 100 }, false],
    [[{ exists: true }], [], false],
    [[{ exists: true }], ['x'], true],
    [[{ exists: false }], undefined, true],
    [[{ exists: false }], { c1: 100 }, true],
    [[{ exists: false }], [], true],
    [[{ exists: false }], null, false],
    // Arrays in the event: one element is enough.
    [['b', 'c'], ['a', 'b'], true],
    [['c'], ['a', 'b'], false],
    [['b'], [['a'], ['b']], true],
    [[{ 'anything-but': 'a' }], ['a', 'b'], true],
    [[{ 'anything-but': 'a' }], ['a', 'a'], false],
  ])('%j on %j: %j', (elements, value, expected) => {
    expect(matches(elements, value)).toBe(expected);
  });
});

describe('structure', () => {
  const employees = {
    employees: [
      { firstName: 'Anna', lastName: 'Smith', tags: ['a', 'b'] },
      { firstName: 'Peter', lastName: 'Jones' },
    ],
  };
  const twoOrs = {
    $or: [{ a: [1] }, { b: [1] }],
    d: { $or: [{ e: [1] }, { f: [1], $or: [{ g: [1] }, { h: [1] }] }] },
  };
  test.each<[string, unknown, unknown, boolean]>([
    ['all fields must match', { a: [1], b: [2] }, { a: 1, b: 3 }, false],
    ['other fields of the event do not matter', { a: [1] }, { a: 1, b: { c: [] } }, true],
    ['names are case-sensitive', { A: [1] }, { a: 1 }, false],
    ['JSON text is not looked into', { detail: { a: [1] } }, { detail: '{"a":1}' }, false],
    ['a missing parent is an absence', { a: { b: [{ exists: false }] } }, {}, true],
    ['a dot in the event joins names', { a: { b: [1] } }, { 'a.b': 1 }, true],
    ['a dot in the pattern joins names', { 'a.b': [1] }, { a: { b: 1 } }, true],
    ['two names are not one', { a: { b: [1] } }, { 'a.b': { b: 1 } }, false],
    ['an array of objects has their fields', { employees: { firstName: ['Peter'] } }, employees, true],
    ['fields of one element', { employees: { firstName: ['Anna'], lastName: ['Smith'] } }, employees, true],
    ['fields of two elements', { employees: { firstName: ['Anna'], lastName: ['Jones'] } }, employees, false],
    ['an array within an element', { employees: { firstName: ['Anna'], tags: ['b'] } }, employees, true],
    ['an array within another one', { employees: { firstName: ['Peter'], tags: ['b'] } }, employees, false],
    [
      'absence in the chosen element',
      { employees: { firstName: ['Peter'], tags: [{ exists: false }] } },
      employees,
      true,
    ],
    [
      'no absence in the chosen element',
      { employees: { firstName: ['Anna'], tags: [{ exists: false }] } },
      employees,
      false,
    ],
    [
      'fields of two arrays',
      { x: { a: [1] }, y: { b: [2] } },
      { x: [{ a: 0 }, { a: 1 }], y: [{ b: 2 }] },
      true,
    ],
    ['nested arrays', { x: { a: [1], b: [2] } }, { x: [[{ a: 1, b: 2 }]] }, true],
    ['nested arrays apart', { x: { a: [1], b: [2] } }, { x: [[{ a: 1 }, { b: 2 }]] }, false],
    ['plain values of one array', { x: [1] }, { x: [3, 2, 1] }, true],
    ['$or: first branch', twoOrs, { a: 1, d: { e: 1 } }, true],
    ['$or: nested branch', twoOrs, { b: 1, d: { f: 1, h: 1 } }, true],
    ['$or: no branch of the nested one', twoOrs, { b: 1, d: { f: 1 } }, false],
    ['$or: no branch at the top', twoOrs, { d: { e: 1 } }, false],
    ['$or as an ordinary name', { $or: ['x'] }, { $or: 'x' }, true],
    [
      '$or of operators is an ordinary name',
      { $or: [{ prefix: 'x' }, { suffix: 'y' }] },
      { $or: 'fuzzy' },
      true,
    ],
    ['an event that is not an object matches nothing', { a: [{ exists: false }] }, 'text', false],
    ['nor does an array', { a: [{ exists: false }] }, [{}], false],
    ['a pattern as text', '{"a":[1]}', { a: 1 }, true],
    ['names of Object.prototype', { constructor: [{ exists: false }] }, {}, true],
  ])('%s', (_, pattern, event, expected) => {
    expect(compileEventPattern(pattern)(event)).toBe(expected);
  });

  test('matches arrays of many matching elements quickly', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => index);
    const pattern = { a: [{ exists: true }], b: [{ exists: true }], c: [{ exists: true }], d: ['never'] };
    expect(compileEventPattern(pattern)({ a: many, b: many, c: many, d: 'x' })).toBe(false);
  });
});

describe('invalid patterns', () => {
  test.each<unknown>([
    'not JSON',
    '[]',
    [],
    null,
    {},
    { a: {} },
    { a: 'text' },
    { a: 42 },
    { a: null },
    { a: [] },
    { a: [[1]] },
    { a: [{}] },
    { a: [{ EXISTS: true }] },
    { a: [{ toString: 'x' }] },
    { a: [{ prefix: 'x', suffix: 'y' }] },
    { a: [{ exists: 'yes' }] },
    { a: [{ prefix: 1 }] },
    { a: [{ prefix: ['x'] }] },
    { a: [{ prefix: { suffix: 'x' } }] },
    { a: [{ prefix: { 'equals-ignore-case': 1 } }] },
    { a: [{ suffix: ['x'] }] },
    { a: [{ 'equals-ignore-case': ['x'] }] },
    { a: [{ 'equals-ignore-case': { prefix: 'x' } }] },
    { a: [{ wildcard: 1 }] },
    { a: [{ wildcard: ['x'] }] },
    { a: [{ wildcard: 'a**b' }] },
    { a: [{ wildcard: 'a\\b' }] },
    { a: [{ wildcard: 'a\\' }] },
    { a: [{ wildcard: '*:*:*:*:*:event-bus/*' }] },
    { a: [{ 'anything-but': { wildcard: '*:*:*:*:*:event-bus/*' } }] },
    { $or: [{ a: [{ wildcard: '*a*a*a*' }] }, { a: [{ wildcard: '*aa*a*a' }], b: [1] }] },
    { a: [{ 'anything-but': null }] },
    { a: [{ 'anything-but': true }] },
    { a: [{ 'anything-but': [] }] },
    { a: [{ 'anything-but': [null, 'x'] }] },
    { a: [{ 'anything-but': ['x', 1] }] },
    { a: [{ 'anything-but': { prefix: '' } }] },
    { a: [{ 'anything-but': { suffix: ['x', ''] } }] },
    { a: [{ 'anything-but': { prefix: { 'equals-ignore-case': 'x' } } }] },
    { a: [{ 'anything-but': { prefix: [] } }] },
    { a: [{ 'anything-but': { wildcard: [123, 'x'] } }] },
    { a: [{ 'anything-but': { wildcard: '**' } }] },
    { a: [{ 'anything-but': { numeric: ['=', 1] } }] },
    { a: [{ 'anything-but': { prefix: 'x', suffix: 'y' } }] },
    { a: [{ numeric: 10 }] },
    { a: [{ numeric: [] }] },
    { a: [{ numeric: ['=', '1'] }] },
    { a: [{ numeric: ['!=', 1] }] },
    { a: [{ numeric: ['>', 0, '<'] }] },
    { a: [{ numeric: ['>', 0, '>', 0] }] },
    { a: [{ numeric: ['<', 5, '>', 0] }] },
    { a: [{ numeric: ['=', 5, '<', 9] }] },
    { a: [{ numeric: ['>', 5, '<', 5] }] },
    { a: [{ numeric: ['>', 0, '<', 5, '<', 4] }] },
    { a: [{ numeric: ['>', 0, 5] }] },
    { a: [{ numeric: ['<', 5_000_000_001] }] },
    { a: [{ cidr: 'bad-filter' }] },
    { a: [{ cidr: 'xx.11.xx/8' }] },
    { a: [{ cidr: '10.0.0.0/x' }] },
    { a: [{ cidr: '10.0.0.0/32' }] },
    { a: [{ cidr: '10.0.0.0' }] },
    { a: [{ cidr: '2001:db8::/128' }] },
    { a: [{ cidr: 'xxxx:db8::/64' }] },
    { a: [{ cidr: ['10.0.0.0/24'] }] },
    { $or: [{ a: [1] }] },
    { $or: [{ a: [1] }, {}] },
    { $or: [{ a: [1] }, 'x'] },
    { 'a.b': [1], a: { b: [2] } },
    { a: [1], $or: [{ a: [2] }, { b: [3] }] },
  ])('%j', (pattern) => {
    expect(() => compileEventPattern(pattern)).toThrow(
      expect.objectContaining({
        code: 'InvalidEventPatternException',
        message: expect.stringMatching(/^Event pattern is not valid\. Reason: ./),
      }),
    );
  });

  test('nesting of more than 1,000 levels', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}[1]${'}'.repeat(levels)}`;
    expect(() => compileEventPattern(nested(999))).not.toThrow();
    expect(() => compileEventPattern(nested(100_000))).toThrow('Filter is nested too deeply');
  });

  test.each([
    [{ wildcard: 'arn:aws:events:us-east-1:**' }, 'Consecutive wildcard characters at pos 26'],
    [{ wildcard: 'é\\x' }, 'Invalid escape character at pos 3'],
    [{ cidr: 'bad-filter' }, "Malformed CIDR, one '/' required"],
    [{ cidr: 'bad-/64filter' }, 'Malformed CIDR, mask bits must be an integer'],
    [{ cidr: 'xx.11.xx/8' }, 'Nonstandard IP address: xx.11.xx'],
    [{ numeric: ['>', 0, '>', 0] }, 'Bad numeric range operator: >'],
    [
      { 'anything-but': { prefix: { 'equals-ignore-case': 'x' } } },
      'Value of anything-but must be an array or single string/number value.',
    ],
    [{ 'anything-but': { suffix: 123 } }, 'prefix/suffix match pattern must be a string'],
    [{ 'anything-but': [null] }, 'Inside anything but list, start|null|boolean is not supported.'],
  ])('%j is refused in the words of EventBridge', (element, reason) => {
    expect(() => compileEventPattern({ a: [element] })).toThrow(
      `Event pattern is not valid. Reason: ${reason}`,
    );
  });

  test('more than 1,000 combinations of $or', () => {
    const ten = (name: string) => Array.from({ length: 10 }, (_, index) => ({ [name]: [index] }));
    const thousand = { a: { $or: ten('x') }, b: { $or: ten('x') }, c: { $or: ten('x') } };
    expect(compileEventPattern(thousand)({ a: { x: 1 }, b: { x: 9 }, c: { x: 0 } })).toBe(true);
    const tooMany = { ...thousand, d: { $or: ten('x') } };
    expect(() => compileEventPattern(tooMany)).toThrow(AwsError);
    expect(() => compileEventPattern(tooMany)).toThrow(
      expect.objectContaining({ code: 'LimitExceededException' }),
    );
  });
});

describe('an explanation names the mismatch', () => {
  const event = {
    source: 'blog',
    detail: { post: { topic: 'winter' }, tags: ['a', 'b', 'c', 'd', 'e', 'f'] },
  };
  test.each<[object, string]>([
    [{ source: ['shop', 'cart'] }, 'source is "blog", and not one of ["shop","cart"]'],
    [
      { source: ['blog'], detail: { post: { topic: ['summer'], language: [{ prefix: 'e' }] } } },
      'detail.post.language is absent, and not one of [{"prefix":"e"}]; ' +
        'detail.post.topic is "winter", and not one of ["summer"]',
    ],
    [{ detail: { tags: ['x'] } }, 'detail.tags is "a", "b", "c", "d", "e" and 1 more, and not one of ["x"]'],
    [{ source: [{ exists: false }] }, 'source is "blog", and not absent'],
    [
      { $or: [{ source: ['shop'], 'detail-type': ['x'] }, { source: ['cart'] }] },
      'source is "blog", and not one of ["cart"]',
    ],
  ])('of %j', (pattern, why) => {
    expect(explainMismatch(pattern)(event)).toBe(why);
  });

  test('of fields of different elements of an array', () => {
    const subject = {
      list: [
        { a: 1, b: 2 },
        { a: 2, b: 1 },
      ],
    };
    expect(explainMismatch({ list: { a: [1], b: [1] } })(subject)).toBe(
      'Each part of the pattern matches, but no element of an array matches all that is asked of it.',
    );
    expect(explainMismatch({ list: { a: [1] } })([])).toBe('The event is not a JSON object.');
  });
});

describe('properties', () => {
  // A small alphabet, so that texts often contain each other.
  const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', '*', '\\', '\n', '🚀'), maxLength: 6 });
  const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -5e9, max: 5e9, noNaN: true }));
  const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
  const comparison = fc.oneof(
    scalar,
    text.map((prefix) => ({ prefix })),
    text.map((suffix) => ({ suffix })),
    text.map((other) => ({ 'equals-ignore-case': other })),
    number.map((bound) => ({ numeric: ['<', bound] })),
    fc.boolean().map((exists) => ({ exists })),
  );
  const field = fc.record({ name: fc.constantFrom('x', 'y', 'z'), element: comparison });
  const event = fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.oneof(scalar, fc.array(scalar)));

  test('prefix equals startsWith, suffix equals endsWith', () => {
    fc.assert(
      fc.property(text, text, (affix, value) => {
        expect(matches([{ prefix: affix }], value)).toBe(value.startsWith(affix));
        expect(matches([{ suffix: affix }], value)).toBe(value.endsWith(affix));
      }),
    );
  });

  test('wildcard equals a regular expression', () => {
    const literals = fc
      .array(text, { minLength: 1, maxLength: 4 })
      .map((parts) =>
        parts.filter((part, index) => part !== '' || index === 0 || index === parts.length - 1),
      );
    fc.assert(
      fc.property(literals, text, fc.boolean(), (parts, other, near) => {
        const escaped = parts.map((part) => part.replaceAll(/[*\\]/g, '\\$&'));
        const wildcard = escaped.join('*');
        fc.pre(!isTooComplex([{ identity: '', wildcards: [wildcard] }]));
        const value = near ? parts.join(other) : other;
        const expected = new RegExp(`^${escaped.join('.*')}$`, 's').test(value);
        expect(matches([{ wildcard }], value)).toBe(expected);
      }),
    );
  });

  test('numeric equals the comparison of numbers', () => {
    fc.assert(
      fc.property(number, number, number, (one, other, value) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(matches([{ numeric: ['=', one] }], value)).toBe(value === one);
        expect(matches([{ numeric: ['<', one] }], value)).toBe(value < one);
        expect(matches([{ numeric: ['<=', one] }], value)).toBe(value <= one);
        expect(matches([{ numeric: ['>', one] }], value)).toBe(value > one);
        expect(matches([{ numeric: ['>=', one] }], value)).toBe(value >= one);
        fc.pre(low < high);
        expect(matches([{ numeric: ['>', low, '<=', high] }], value)).toBe(low < value && value <= high);
        expect(matches([{ numeric: ['>=', low, '<', high] }], value)).toBe(low <= value && value < high);
      }),
    );
  });

  test('anything-but is the opposite for any present value', () => {
    const excluded = fc.oneof(
      fc.array(text, { minLength: 1 }).map((list) => ({ but: list, elements: list })),
      fc.array(number, { minLength: 1 }).map((list) => ({ but: list, elements: list })),
      ...['prefix', 'suffix', 'equals-ignore-case'].map((name) =>
        fc
          .array(
            text.filter((one) => one !== ''),
            { minLength: 1 },
          )
          .map((list) => ({ but: { [name]: list }, elements: list.map((one) => ({ [name]: one })) })),
      ),
    );
    fc.assert(
      fc.property(excluded, scalar, ({ but, elements }, value) => {
        expect(matches([{ 'anything-but': but }], value)).toBe(!matches(elements, value));
      }),
    );
  });

  test('several elements are combined by or, like $or, and several fields by and', () => {
    fc.assert(
      fc.property(field, field, event, (one, other, subject) => {
        const first = compileEventPattern({ [one.name]: [one.element] })(subject);
        const second = compileEventPattern({ [other.name]: [other.element] })(subject);
        const branches = [one, other].map(({ name, element }) => ({ [name]: [element] }));
        expect(compileEventPattern({ $or: branches })(subject)).toBe(first || second);
        if (one.name === other.name) {
          expect(compileEventPattern({ [one.name]: [one.element, other.element] })(subject)).toBe(
            first || second,
          );
        } else {
          expect(compileEventPattern(Object.assign({}, ...branches))(subject)).toBe(first && second);
        }
      }),
    );
  });

  test('only a mismatch has an explanation', () => {
    const pattern = fc
      .uniqueArray(field, { minLength: 1, maxLength: 3, selector: ({ name }) => name })
      .map((fields) => fields.map(({ name, element }) => ({ [name]: [element] })));
    fc.assert(
      fc.property(pattern, fc.boolean(), event, (branches, alternative, subject) => {
        const source =
          alternative && branches.length > 1 ? { $or: branches } : Object.assign({}, ...branches);
        const why = explainMismatch(source)(subject);
        expect(why === undefined).toBe(compileEventPattern(source)(subject));
        expect(why).not.toBe('');
      }),
    );
  });

  test('cidr equals the comparison of the leading bits', () => {
    const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const dotted = (bits: number) => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
    fc.assert(
      fc.property(
        address,
        address,
        fc.integer({ min: 0, max: 31 }),
        fc.boolean(),
        (block, other, mask, near) => {
          const value = near ? block ^ (other >>> mask) : other;
          const leading = (bits: number) => (mask === 0 ? 0 : bits >>> (32 - mask));
          const cidr = `${dotted(block)}/${mask}`;
          expect(matches([{ cidr }], dotted(value))).toBe(leading(block) === leading(value));
        },
      ),
    );
  });
});

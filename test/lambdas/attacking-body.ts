import fc from 'fast-check';
import { NewPost } from '../../model/post.ts';

/** Generates text that breaks programs: inherited names, code, escapes, letters whose length changes with their case. */
const tricky = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'null',
  '',
  ' \u3000\ufeff\n',
  'a\u0000b',
  '\u0085',
  "'; DROP TABLE posts; --",
  '<script>alert(1)</script>',
  `\${jndi:ldap://x}<topic>\\"\\u0022`,
  'İIıΣΣ',
  '\u1100\u1161\u11a8e\u0301\u0345',
  '\u202e\u2028\u2029\ufdd0\uffff',
  '👩‍👩‍👧‍👦',
  '\ud83d',
  'a\udc00b',
);

/** Generates text of all planes, with and without lone surrogates, also near the maximum lengths of the fields. */
const text = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }) },
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }) },
  { weight: 1, arbitrary: fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)) },
  { weight: 1, arbitrary: tricky },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        fc.constantFrom(49, 50, 51, 99, 100, 101, 200, 201),
      )
      .map(([unit, length]) => unit.repeat(length)),
  },
);

/** Generates the JSON of a string, in its shortest form or with every code unit escaped. */
const stringJson = fc
  .tuple(text, fc.boolean())
  .map(([value, escaped]) =>
    escaped
      ? `"${value.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
      : JSON.stringify(value),
  );

/** Generates JSON too shallow for the stack size to matter, or nested more deeply than `JSON.stringify` supports. */
const nestedJson = fc
  .tuple(
    fc.constantFrom(['[', ']'], ['{"a":', '}'], ['{"__proto__":', '}']),
    fc.oneof({ weight: 50, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.constant(48_000) }),
  )
  .map(([[open = '', close = ''], depth]) => `${open.repeat(depth)}0${close.repeat(depth)}`);

const otherJson = fc.oneof(
  nestedJson,
  fc.json(),
  fc.constantFrom(
    'null',
    'true',
    '-0',
    '1e999',
    '-1e-999',
    '9'.repeat(500),
    `0.${'1'.repeat(500)}`,
    '{}',
    '[]',
  ),
);

/** Generates the value of a field: mostly a string, since a post needs four valid ones. */
const fieldJson = fc.oneof({ weight: 40, arbitrary: stringJson }, { weight: 1, arbitrary: otherJson });

/** Generates a member that is missing once in `freq` times. */
const member = (name: string, json: fc.Arbitrary<string>, freq: number) =>
  fc.option(json, { freq, nil: undefined }).map((value) => ({ name: JSON.stringify(name), value }));

/** Generates members that a post does not have, or that occur twice. */
const moreMembers = fc.array(
  fc.record({
    name: fc.oneof(
      stringJson,
      fc
        .constantFrom(
          '__proto__',
          'constructor',
          'prototype',
          'hasOwnProperty',
          'id',
          'createdAt',
          'entities',
          'revision',
          'author',
          'topic',
        )
        .map((name) => JSON.stringify(name)),
    ),
    value: fc.oneof({ weight: 3, arbitrary: stringJson }, { weight: 1, arbitrary: otherJson }),
  }),
  { maxLength: 4 },
);

/** Generates the JSON of an object that is often a post, with its members in any order. */
const postJson = fc
  .tuple(
    member('author', fieldJson, 60),
    member('title', fieldJson, 60),
    member('body', fc.oneof({ weight: 60, arbitrary: fieldJson }, { weight: 1, arbitrary: large() }), 60),
    member('topic', fieldJson, 60),
    member('language', fc.constantFrom('"en"', '"fr"', '"ja"', '"zh-TW"', '"EN"', 'null'), 2),
    moreMembers,
    fc.constantFrom('', ' ', '\r\n\t'),
  )
  .chain(([author, title, body, topic, language, more, space]) =>
    fc
      .shuffledSubarray([author, title, body, topic, language, ...more], { minLength: 5 + more.length })
      .map((members) => {
        const texts = members.flatMap(({ name, value }) =>
          value === undefined ? [] : [`${name}${space}:${value}`],
        );
        return `${space}{${texts.join(`${space},`)}}${space}`;
      }),
  );

/** Generates the JSON of a string near the limit of 100,000 bytes for a request. */
function large(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom('x', 'é', '\u{10ffff}', '\\u0001', '\\"'),
      fc.integer({ min: 95_000, max: 101_000 }),
    )
    .map(([unit, bytes]) => `"${unit.repeat(bytes / Buffer.byteLength(unit))}"`);
}

/** Replaces a few bytes by others. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constant(Uint8Array.of(0xed, 0xa0, 0x80))),
  replaced: fc.nat(4),
});

/** Generates the body of a request: the JSON of a post, damaged JSON, or arbitrary bytes. */
export const attackingBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 12, arbitrary: postJson.map((json) => Buffer.from(json)) },
  {
    weight: 2,
    arbitrary: fc.tuple(postJson, damage).map(([json, { at, bytes, replaced }]) => {
      const whole = Buffer.from(json);
      const start = Math.floor(at * whole.length);
      return Buffer.concat([whole.subarray(0, start), bytes, whole.subarray(start + replaced)]);
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(postJson, fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([json, part]) => Buffer.from(json).subarray(0, Math.floor(part * Buffer.byteLength(json)))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(postJson, fc.constantFrom<BufferEncoding>('utf16le', 'latin1'))
      .map(([json, encoding]) => Buffer.from(json, encoding)),
  },
  { weight: 1, arbitrary: postJson.map((json) => Buffer.from(`\ufeff${json}`)) },
  { weight: 1, arbitrary: fc.oneof(otherJson, stringJson).map((json) => Buffer.from(json)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);

/** Returns the post that the contract requires to be stored; `undefined` if the request must be refused. */
export function postIn(body: Buffer): NewPost | undefined {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    return Buffer.byteLength(JSON.stringify(json)) > 100_000 ? undefined : NewPost.safeParse(json).data;
  } catch {
    return undefined;
  }
}

import fc from 'fast-check';
import { resolve } from '../../src/template/intrinsics.ts';

const references = {
  ref(logicalId: string) {
    if (logicalId !== 'Table') throw new Error(`there is no resource ${logicalId}`);
    return 'posts';
  },
  getAtt: (logicalId: string, attribute: string) => `${logicalId}'s ${attribute}`,
};

it.each([
  ['Ref', { Ref: 'Table' }, 'posts'],
  ['Fn::GetAtt', { 'Fn::GetAtt': ['Table', 'Arn'] }, "Table's Arn"],
  ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Table' }, 1, true]] }, 'a-posts-1-true'],
  ['Fn::Join of a list that is made', { 'Fn::Join': ['+', { 'Fn::Split': ['-', 'a-b'] }] }, 'a+b'],
  ['Fn::Join of an empty list', { 'Fn::Join': ['-', []] }, ''],
  ['Fn::Split', { 'Fn::Split': ['/', { 'Fn::Join': ['/', ['a', 'b']] }] }, ['a', 'b']],
  ['Fn::Select', { 'Fn::Select': [1, ['a', { Ref: 'Table' }]] }, 'posts'],
  ['Fn::Select with a text for the index', { 'Fn::Select': ['0', { 'Fn::Split': ['/', 'a/b'] }] }, 'a'],
  ['Fn::Sub of a resource', { 'Fn::Sub': `x-$\{Table}-$\{Table}` }, 'x-posts-posts'],
  ['Fn::Sub of an attribute', { 'Fn::Sub': `$\{Table.Stream.Arn}` }, "Table's Stream.Arn"],
  ['Fn::Sub of a literal', { 'Fn::Sub': `$\{!Table} $Table $\{Table}` }, `$\{Table} $Table posts`],
  [
    'Fn::Sub with variables',
    { 'Fn::Sub': [`$\{a}$\{Table}`, { a: { 'Fn::Join': ['', ['x', 'y']] } }] },
    'xyposts',
  ],
  ['nested values', { a: [{ b: { Ref: 'Table' } }, null, 1] }, { a: [{ b: 'posts' }, null, 1] }],
  ['an object with a name like a function', { Ref: 'Table', b: 1 }, { Ref: 'Table', b: 1 }],
])('resolves %s', (_name, value, expected) => {
  expect(resolve(value, references)).toEqual(expected);
});

it.each([
  ['an unknown function', { a: { 'Fn::FindInMap': ['a', 'b', 'c'] } }, /Fn::FindInMap is not supported/],
  ['an index out of range', { 'Fn::Select': [2, ['a', 'b']] }, /no element 2/],
  ['an unknown resource', { 'Fn::Sub': `x$\{Nowhere}` }, /no resource Nowhere/],
  ['a reference without a name', { Ref: 1 }, /^Ref has an invalid argument: \{"Ref":1\}$/],
  ['a list in a text', { 'Fn::Sub': [`$\{a}`, { a: ['b'] }] }, /^Fn::Sub has an invalid argument/],
  ['a join of objects', { 'Fn::Join': ['', [{ a: 1 }]] }, /^Fn::Join has an invalid argument/],
])('refuses %s', (_name, value, message) => {
  expect(() => resolve(value, references)).toThrow(message);
});

it('keeps values without an intrinsic function', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!/"(Ref|Fn::[^"]*|__proto__)":/.test(JSON.stringify(value)));
      expect(resolve(value, references)).toEqual(value);
    }),
  );
});

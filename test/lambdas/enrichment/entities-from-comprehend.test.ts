import type { Entity, EntityType } from '@aws-sdk/client-comprehend';
import fc from 'fast-check';
import { entitiesFromComprehend } from '../../../lambdas/enrichment/entities-from-comprehend.ts';

const types: EntityType[] = [
  'LOCATION',
  'PERSON',
  'ORGANIZATION',
  'COMMERCIAL_ITEM',
  'EVENT',
  'DATE',
  'QUANTITY',
  'TITLE',
  'OTHER',
];

const entity = (Type: EntityType, Text: string, BeginOffset = 0, Score = 0.99): Entity => ({
  Type,
  Text,
  BeginOffset,
  EndOffset: BeginOffset + Text.length,
  Score,
});

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

test('returns empty locations and persons if nothing is found', () => {
  expect(entitiesFromComprehend([])).toEqual({ locations: [], persons: [] });
});

test('maps each type of Comprehend to its group', () => {
  expect(entitiesFromComprehend(types.map((type) => entity(type, type.toLowerCase())))).toEqual({
    locations: ['location'],
    persons: ['person'],
    organizations: ['organization'],
    commercialItems: ['commercial_item'],
    events: ['event'],
    dates: ['date'],
    quantities: ['quantity'],
    titles: ['title'],
    others: ['other'],
  });
});

test('leaves out an unknown type', () => {
  const found = JSON.parse('[{"Type":"PLANET","Text":"Mars","Score":1,"BeginOffset":0}]');
  expect(entitiesFromComprehend(found)).toEqual({ locations: [], persons: [] });
});

test('lists each name once, in order of first mention', () => {
  const found = [
    entity('PERSON', 'Zoe', 40),
    entity('PERSON', 'Ann', 60),
    entity('PERSON', 'Joe', 3),
    entity('PERSON', 'Zoe', 1),
  ];
  expect(entitiesFromComprehend(found).persons).toEqual(['Zoe', 'Joe', 'Ann']);
});

test.each([
  ['Spain.', 'Spain'],
  [' “Joe”, ', 'Joe'],
  ["O'Brien-Smith!", "O'Brien-Smith"],
  ['«東京»。', '東京'],
  ['C++', 'C++'],
  ['line\none', 'line\none'],
])('reads %j as the name %j', (text, name) => {
  expect(entitiesFromComprehend([entity('PERSON', text)]).persons).toEqual([name]);
});

test('leaves out a name of punctuation only', () => {
  expect(entitiesFromComprehend([entity('OTHER', ' -- ')])).toEqual({ locations: [], persons: [] });
});

test('leaves out an entity with a low score', () => {
  const found = [
    entity('PERSON', 'Sure', 0, 0.8),
    entity('PERSON', 'Unsure', 9, 0.79),
    { Type: 'PERSON', Text: 'x' } as const,
  ];
  expect(entitiesFromComprehend(found).persons).toEqual(['Sure']);
});

test('limits a group to 100 names and a name to 200 characters', () => {
  const found = [
    entity('PERSON', '👍'.repeat(201)),
    entity('PERSON', '👍'.repeat(200)),
    ...Array.from({ length: 150 }, (_, i) => entity('PERSON', `Joe ${i}`, i + 1)),
  ];
  const { persons } = entitiesFromComprehend(found);
  expect(persons).toHaveLength(100);
  expect(persons[0]).toBe('👍'.repeat(200));
});

test('drops names from the end beyond 24,000 bytes, locations and persons last', () => {
  const names = (type: EntityType) =>
    Array.from({ length: 60 }, (_, i) => entity(type, `${type}-${i}`.padEnd(150, 'x'), i));
  const entities = entitiesFromComprehend([
    ...names('OTHER'),
    ...names('TITLE'),
    ...names('PERSON'),
    ...names('LOCATION'),
  ]);
  expect(entities.locations).toHaveLength(60);
  expect(entities.persons).toHaveLength(60);
  expect(entities.titles?.length).toBeGreaterThan(20);
  expect(entities.others).toBeUndefined();
  expect(bytes(entities)).toBeGreaterThan(24_000 - 160);
  expect(bytes(entities)).toBeLessThanOrEqual(24_000);
});

test('handles a long run of punctuation quickly', () => {
  const text = `a${'.'.repeat(100_000)}b${'.'.repeat(100_000)}`;
  const start = performance.now();
  entitiesFromComprehend([entity('PERSON', text), entity('PERSON', '.'.repeat(100_000))]);
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('keeps the rules for arbitrary entities', () => {
  const found = fc.record({
    Type: fc.constantFrom(...types),
    Text: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 250 }),
      fc.string({ unit: fc.constantFrom('a', '.', ' ', '"', '👍'), maxLength: 12 }),
    ),
    BeginOffset: fc.nat(1_000),
    Score: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(found, { maxLength: 300 }), (mentions) => {
      const entities = entitiesFromComprehend(mentions);
      expect(bytes(entities)).toBeLessThanOrEqual(24_000);
      for (const [group, names] of Object.entries(entities)) {
        expect(names.length).toBeLessThanOrEqual(100);
        expect(new Set(names).size).toBe(names.length);
        if (group !== 'locations' && group !== 'persons') expect(names).not.toHaveLength(0);
        for (const name of names) {
          expect([...name].length).toBeLessThanOrEqual(200);
          expect(name).toMatch(/^[^\p{P}\s].*$/su);
          expect(name).toMatch(/[^\p{P}\s]$/u);
          expect(mentions.some(({ Text, Score }) => Score >= 0.8 && Text.includes(name))).toBe(true);
        }
      }
    }),
  );
});

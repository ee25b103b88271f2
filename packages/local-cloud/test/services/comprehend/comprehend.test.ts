import fc from 'fast-check';
import * as z from 'zod/mini';
import { Comprehend } from '../../../src/services/comprehend/comprehend.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';

const Result = z.object({
  Entities: z.array(
    z.object({
      BeginOffset: z.number(),
      EndOffset: z.number(),
      Score: z.number(),
      Text: z.string(),
      Type: z.string(),
    }),
  ),
});

const comprehend = new Comprehend({ clock: new ManualClock(), callsPerSecond: 10_000 });
const detect = async (Text: string, LanguageCode = 'en') =>
  Result.parse(await comprehend.call('DetectEntities', { Text, LanguageCode })).Entities;
const named = async (text: string) => (await detect(text)).map(({ Type, Text }) => [Type, Text]);

describe('entities', () => {
  test('of a post are its person and its place', async () => {
    expect(await detect('Joe is going to Spain')).toEqual([
      { BeginOffset: 0, EndOffset: 3, Score: 0.99, Text: 'Joe', Type: 'PERSON' },
      { BeginOffset: 16, EndOffset: 21, Score: 0.99, Text: 'Spain', Type: 'LOCATION' },
    ]);
  });

  test.each(['a post that names nobody', ' ', '???'])('are empty for %j', async (text) => {
    expect(await detect(text)).toEqual([]);
  });

  test('are of several types, without the punctuation around them', async () => {
    expect(await named('"Joe," went to London, then to IBM, on May 5th 2024, for $500.')).toEqual([
      ['PERSON', 'Joe'],
      ['LOCATION', 'London'],
      ['ORGANIZATION', 'IBM'],
      ['DATE', 'May 5th 2024'],
      ['QUANTITY', '$500'],
    ]);
  });

  test('end within the text, whatever length compromise reports', async () => {
    expect(await detect('. . "Mary 😀')).toMatchObject([{ Text: 'Mary', BeginOffset: 5, EndOffset: 9 }]);
  });

  test('have offsets in code points, ascending and without overlaps', async () => {
    const word = fc.constantFrom(
      'Joe',
      'Spain',
      'IBM',
      '😀',
      '"Mary',
      'Smith",',
      '$500',
      'May',
      '5th',
      'é',
      '\n',
      '.',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 12 }), async (words) => {
        const text = words.join(' ');
        let end = 0;
        for (const { BeginOffset, EndOffset, Text } of await detect(text || ' ')) {
          expect(BeginOffset).toBeGreaterThanOrEqual(end);
          expect([...text].slice(BeginOffset, EndOffset).join('')).toBe(Text);
          expect(Text).not.toBe('');
          end = EndOffset;
        }
      }),
    );
  });
});

describe('a call is refused', () => {
  test.each([
    ['ValidationException', { Text: '', LanguageCode: 'en' }],
    ['ValidationException', { Text: 'Joe', LanguageCode: 'xx' }],
    ['ValidationException', { Text: 'Joe' }],
    ['TextSizeLimitExceededException', { Text: 'é'.repeat(50_001), LanguageCode: 'en' }],
  ])('with %s for %j', async (code, input) => {
    await expect(comprehend.call('DetectEntities', input)).rejects.toMatchObject({ code, status: 400 });
  });

  test('beyond the rate limit, and accepted again afterwards', async () => {
    const clock = new ManualClock();
    const throttled = new Comprehend({ clock });
    const call = () => throttled.call('DetectEntities', { Text: 'nobody', LanguageCode: 'en' });
    for (let calls = 0; calls < 20; calls++) await call();
    await expect(call()).rejects.toMatchObject({ code: 'ThrottlingException', message: 'Rate exceeded' });
    clock.advance(50);
    await call();
    await expect(call()).rejects.toMatchObject({ code: 'ThrottlingException' });
  });
});

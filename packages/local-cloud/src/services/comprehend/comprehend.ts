import { setImmediate } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { Clock } from '../../core/clock.ts';
import { parseInput } from '../../core/operation.ts';
import { AwsError, type Service } from '../../core/service.ts';
import { TokenBucket } from '../../core/token-bucket.ts';

const MAXIMUM_TEXT_BYTES = 100_000;

/** The score of every entity: `compromise` has none. */
const SCORE = 0.99;

const LANGUAGES = ['ar', 'hi', 'ko', 'zh-TW', 'ja', 'zh', 'de', 'pt', 'en', 'it', 'fr', 'es'];

const DetectEntities = z.strictObject({
  Text: z.string().check(z.minLength(1, 'Member must have length greater than or equal to 1')),
  LanguageCode: z.enum(LANGUAGES, `Member must satisfy enum value set: [${LANGUAGES.join(', ')}]`),
});

/** Validates the matches of `compromise`, whose offsets are UTF-16 code units. */
const Matches = z.array(z.object({ offset: z.object({ start: z.number(), length: z.number() }) }));

/**
 * Emulates Amazon Comprehend's `DetectEntities` with `compromise`, which knows English. In other
 * languages, it finds what looks like English names. Shapes and errors follow the "Amazon
 * Comprehend API Reference".
 */
export class Comprehend implements Service {
  readonly #calls: TokenBucket;

  /**
   * @param callsPerSecond further calls are throttled; 20 is AWS's default quota ("Guidelines and
   * quotas")
   */
  constructor({ clock, callsPerSecond = 20 }: { clock: Clock; callsPerSecond?: number }) {
    this.#calls = new TokenBucket(clock, { rate: callsPerSecond, burst: callsPerSecond });
  }

  async call(operation: string, input: unknown): Promise<object> {
    if (operation !== 'DetectEntities') {
      throw new AwsError('UnknownOperationException', `The local Comprehend does not support ${operation}.`);
    }
    if (!this.#calls.take()) throw new AwsError('ThrottlingException', 'Rate exceeded');
    const { Text } = parseInput(DetectEntities, input, (parameter, reason) => {
      const message = `1 validation error detected: Value at '${parameter}' failed to satisfy constraint: ${reason}`;
      return new AwsError('ValidationException', message);
    });
    const size = Buffer.byteLength(Text);
    if (size > MAXIMUM_TEXT_BYTES) {
      throw new AwsError(
        'TextSizeLimitExceededException',
        `Input text size exceeds limit. Max length of request text allowed is ${MAXIMUM_TEXT_BYTES} bytes while in this request the text size is ${size} bytes`,
      );
    }
    return { Entities: await detectEntities(Text) };
  }
}

interface Entity {
  /** In code points, like `EndOffset`. */
  BeginOffset: number;
  EndOffset: number;
  Score: number;
  Text: string;
  Type: 'PERSON' | 'LOCATION' | 'ORGANIZATION' | 'DATE' | 'QUANTITY';
}

/** Not loaded with this module: it would delay the start by 0.3 s. */
let loading: Promise<typeof import('compromise')> | undefined;

/**
 * Pieces of a text that end between two words where possible: `compromise` takes seconds for 99,000
 * dots at once.
 */
const PIECES = /[\s\S]{1,4000}(?!\S)|[\s\S]{1,4000}/gu;

/**
 * Loads the language model, and lets it analyze a text. Otherwise the first call waits for both,
 * half a second.
 */
export async function loadLanguageModel(): Promise<void> {
  await detectEntities('Joe is going to Spain.');
}

async function detectEntities(text: string): Promise<Entity[]> {
  loading ??= import('compromise');
  const { default: compromise } = await loading;
  const found: { Type: Entity['Type']; begin: number; end: number }[] = [];
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    const document = compromise(piece);
    const views = [
      { Type: 'PERSON' as const, view: document.people() },
      { Type: 'LOCATION' as const, view: document.places() },
      { Type: 'ORGANIZATION' as const, view: document.organizations() },
      { Type: 'DATE' as const, view: document.match('#Date+') },
      { Type: 'QUANTITY' as const, view: document.money() },
    ];
    // A plain view: parsing the JSON of people and of money name by name takes seconds for a long
    // text.
    for (const { Type, view } of views)
      for (const { offset } of Matches.parse(view.toView(null).json({ offset: true }))) {
        const begin = index + offset.start;
        found.push({ Type, ...withoutPunctuation(text, begin, begin + offset.length) });
      }
    await setImmediate();
  }
  const entities: Entity[] = [];
  let end = 0;
  let endInCodePoints = 0;
  for (const { Type, begin, end: endOfThis } of found.sort((a, b) => a.begin - b.begin)) {
    if (begin < end || endOfThis <= begin) continue;
    const BeginOffset = endInCodePoints + codePoints(text.slice(end, begin));
    const Text = text.slice(begin, endOfThis);
    end = endOfThis;
    endInCodePoints = BeginOffset + codePoints(Text);
    entities.push({ BeginOffset, EndOffset: endInCodePoints, Score: SCORE, Text, Type });
  }
  return entities;
}

/** Removes the punctuation that `compromise` leaves on a name: `"Spain,"`, `Joe's`. */
function withoutPunctuation(text: string, begin: number, end: number): { begin: number; end: number } {
  const match = text.slice(begin, end);
  const lead = match.match(/^[^\p{L}\p{N}$€£¥]+/u)?.[0].length ?? 0;
  const tail = match.match(/(['’]s)?[^\p{L}\p{N}%$€£¥]*$/u)?.[0].length ?? 0;
  // Not from `end`: the length that `compromise` reports can exceed the text.
  return { begin: begin + lead, end: begin + match.length - tail };
}

function codePoints(text: string): number {
  return [...text].length;
}

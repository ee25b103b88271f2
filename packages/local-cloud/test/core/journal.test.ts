import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as z from 'zod/mini';
import { Journal } from '../../src/core/journal.ts';
import { eventually } from '../fixtures/eventually.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
let files = 0;
const newPath = () => join(folder, `journal-${files++}.jsonl`);

/** Opens a section of a journal. Its values are numbers, unless the test says otherwise. */
function open(path: string) {
  const journal = new Journal(path);
  return { journal, section: journal.section('work', z.number()) };
}

function keptIn(path: string): Record<string, number> {
  const { journal, section } = open(path);
  journal.close();
  return Object.fromEntries(section.left);
}

it('returns what was kept and not deleted after the file is opened again', async () => {
  const path = newPath();
  const { journal, section } = open(path);
  journal.section('other', z.string()).put('a', 'not ours');
  section.put('a', 1);
  section.put('b', 2);
  section.put('c', 3);
  await journal.written();
  section.put('b', 4);
  section.delete('a');
  section.delete('unknown');
  await journal.written();
  expect(keptIn(path)).toEqual({ b: 4, c: 3 });
});

it('tells what the previous process has left, and nothing newer', async () => {
  const path = newPath();
  const first = open(path);
  first.section.put('a', 1);
  first.journal.close();
  const second = open(path);
  second.section.put('b', 2);
  second.section.delete('a');
  expect(second.section.left).toEqual(new Map([['a', 1]]));
});

it('writes the changes of a turn at once, and none that cancel each other', async () => {
  const path = newPath();
  const { journal, section } = open(path);
  section.put('a', 1);
  section.put('b', 2);
  section.delete('a');
  expect(readFileSync(path, 'utf8')).toBe('');
  await journal.written();
  expect(readFileSync(path, 'utf8')).toBe('[["work","b",2]]\n');
});

it('deletes a value that was written, deleted and kept again', async () => {
  const path = newPath();
  const { journal, section } = open(path);
  section.put('a', 1);
  await journal.written();
  section.delete('a');
  section.put('a', 2);
  section.delete('a');
  await journal.written();
  expect(keptIn(path)).toEqual({});
});

it('writes the last changes when it is closed, and ignores later ones', () => {
  const path = newPath();
  const { journal, section } = open(path);
  section.put('a', 1);
  journal.close();
  section.put('b', 2);
  section.delete('a');
  journal.close();
  expect(keptIn(path)).toEqual({ a: 1 });
});

it('does not grow without a limit', async () => {
  const path = newPath();
  const journal = new Journal(path);
  const texts = journal.section('texts', z.string());
  texts.put('first', 'x');
  for (let count = 0; count < 40; count++) {
    texts.put(String(count), 'é'.repeat(50_000));
    texts.delete(String(count - 1));
    await journal.written();
  }
  await eventually(() => expect(statSync(path).size).toBeLessThan(1_200_000));
  journal.close();
  expect([...new Journal(path).section('texts', z.string()).left.keys()]).toEqual(['first', '39']);
});

describe('a compaction', () => {
  /** Opens a journal of more than a megabyte that the next change compacts, in several pieces. */
  async function grown() {
    const path = newPath();
    const journal = new Journal(path);
    const texts = journal.section('texts', z.string());
    for (let count = 0; count < 30; count++) texts.put(String(count), 'x'.repeat(50_000));
    await journal.written();
    for (let count = 0; count < 30; count++) texts.put(String(count), 'y'.repeat(50_000));
    await journal.written();
    return { path, journal, texts };
  }
  const isCompacting = (path: string) => existsSync(`${path}.new`);
  const lengths = (path: string) => {
    const journal = new Journal(path);
    journal.close();
    return [...journal.section('texts', z.string()).left].map(([id, { length }]) => [id, length]);
  };
  const expected = [
    ...Array.from({ length: 29 }, (_, count) => [String(count + 1), count < 9 ? 1 : 50_000]),
    ['last', 1],
  ];

  it.each(['completed', 'interrupted'])(
    'that is %s has the changes that were made meanwhile',
    async (end) => {
      const { path, journal, texts } = await grown();
      texts.delete('0');
      await journal.written();
      expect(isCompacting(path)).toBe(true);
      for (let count = 1; count < 10; count++) texts.put(String(count), 'z');
      texts.put('last', 'z');
      await journal.written();
      expect(isCompacting(path)).toBe(true);
      if (end === 'completed') {
        await eventually(() => expect(isCompacting(path)).toBe(false));
        expect(statSync(path).size).toBeLessThan(2_000_000);
        texts.put('last', 'zz');
        texts.put('last', 'z');
      }
      journal.close();
      expect(isCompacting(path)).toBe(false);
      expect(lengths(path)).toEqual(expected);
    },
  );

  it('that a kill has interrupted does not count', async () => {
    const { path, journal, texts } = await grown();
    texts.delete('0');
    await journal.written();
    const copy = newPath();
    copyFileSync(path, copy);
    copyFileSync(`${path}.new`, `${copy}.new`);
    journal.close();
    expect(lengths(copy)).toHaveLength(29);
  });
});

it('continues after a last line that is not complete', async () => {
  const path = newPath();
  writeFileSync(path, '[["work","a",1]]\n[["work","b",');
  const { journal, section } = open(path);
  section.put('c', 3);
  await journal.written();
  journal.close();
  expect(keptIn(path)).toEqual({ a: 1, c: 3 });
});

it('reads lines that are longer than a piece, and characters between two pieces', async () => {
  const path = newPath();
  const journal = new Journal(path);
  const texts = journal.section('texts', z.string());
  const text = 'é'.repeat(5 * 1024 ** 2);
  texts.put('a', `-${text}`);
  await journal.written();
  texts.put('b', text);
  journal.close();
  const { left } = new Journal(path).section('texts', z.string());
  expect(left.get('a') === `-${text}` && left.get('b') === text).toBe(true);
});

it.each([
  ['a line that is not JSON', '[["work","a",1]]\n[["wo\n[["work","b",1]]\n'],
  ['a line of another form', '{"work":1}\n'],
  ['a change of another form', '["work/a",1]\n'],
  ['a value of another type', '[["work","a","one"]]\n'],
])('names a file with %s in the error', (_name, content) => {
  const path = newPath();
  writeFileSync(path, content);
  expect(() => keptIn(path)).toThrow(`${path} cannot be read. Start with --fresh to delete the data.`);
});

const Change = fc.oneof(
  fc.record({ put: fc.constantFrom('a', 'b', 'é'), value: fc.nat(99) }),
  fc.record({ delete: fc.constantFrom('a', 'b', 'é') }),
);

it('replays any prefix of the file to a state between two of its changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Change, { maxLength: 12 }), fc.nat(), async (changes, cut) => {
      const path = newPath();
      const { journal, section } = open(path);
      const lines = () => readFileSync(path, 'utf8').split('\n').length;
      /** The state after each line of the file. */
      const states = new Map([[lines(), {}]]);
      const state: Record<string, number> = {};
      for (const change of changes) {
        if ('put' in change) {
          section.put(change.put, change.value);
          state[change.put] = change.value;
        } else {
          section.delete(change.delete);
          delete state[change.delete];
        }
        await journal.written();
        states.set(lines(), { ...state });
      }
      journal.close();
      const size = statSync(path).size;
      const length = size === 0 ? 0 : cut % (size + 1);
      truncateSync(path, length);
      const expected = states.get(lines());
      expect(keptIn(path)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

it('loses no work that is handed over, wherever the file ends', async () => {
  const Turns = fc.array(fc.array(fc.nat(3), { maxLength: 6 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(Turns, fc.nat(), async (turns, cut) => {
      const path = newPath();
      const { journal, section } = open(path);
      const holders = [0, 1, 2, 3].map((work) => `${work}.0`);
      for (const holder of holders) section.put(holder, 0);
      await journal.written();
      const begin = statSync(path).size;
      let steps = 0;
      for (const turn of turns) {
        for (const work of turn) {
          const next = `${work}.${++steps}`;
          section.put(next, steps);
          section.delete(holders[work] ?? '');
          holders[work] = next;
        }
        await journal.written();
      }
      journal.close();
      truncateSync(path, begin + (cut % (statSync(path).size - begin + 1)));
      const works = Object.keys(keptIn(path)).map((key) => key[0]);
      expect(new Set(works)).toEqual(new Set(['0', '1', '2', '3']));
    }),
    { numRuns: 50 },
  );
});

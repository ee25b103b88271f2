import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { InvalidData, parse } from '../../model/parse.ts';

const Item = z.object({ title: z.string(), names: z.array(z.string()) });

const failure = (data: unknown) => {
  try {
    return parse(Item, data, 'The stored post');
  } catch (error) {
    return error;
  }
};

test('returns valid data without unknown fields', () => {
  expect(parse(Item, { title: 'a', names: [], more: 1 }, 'The item')).toEqual({ title: 'a', names: [] });
});

test.each([
  [{ names: [] }, 'The stored post is invalid at /title.'],
  [{ names: ['a', 1] }, 'The stored post is invalid at /title, /names/1.'],
  [null, 'The stored post is invalid.'],
])('throws one sentence with the paths of the invalid fields of %j', (data, message) => {
  expect(failure(data)).toMatchObject({ name: 'InvalidData', message });
  expect(failure(data)).toBeInstanceOf(InvalidData);
  expect(String(failure(data))).not.toContain('\n');
});

test('names ten of many invalid fields, so that the message fits into a queue', () => {
  expect(failure({ title: 'a', names: Array(50_000).fill(1) })).toMatchObject({
    message: expect.stringMatching(
      /^The stored post is invalid at \/names\/0, .*, \/names\/9 and 49990 more\.$/,
    ),
  });
});

test.each(['bin', 'lib', 'lambdas', 'operations', 'web'])(
  'no file of %s throws the error of zod itself',
  (folder) => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.tsx?$/.test(file),
    );
    const throwing = files.filter((file) =>
      /(?<!\b(JSON|Date|path|command)|\.\.)\.parse(Async)?\(/.test(
        readFileSync(path.join(folder, file), 'utf8'),
      ),
    );
    expect(throwing).toEqual([]);
  },
);

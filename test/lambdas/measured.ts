import * as z from 'zod/mini';

const Line = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(z.object({ Metrics: z.array(z.object({ Name: z.string() })) })),
  }),
});

// The handlers write metrics to stdout themselves, and nothing else if their logger is mocked.
const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
beforeEach(() => written.mockClear());
afterAll(() => written.mockRestore());

/** Returns the lines that handlers have written during the test. */
export function writtenLines(): unknown[] {
  return written.mock.calls.map(([line]) => JSON.parse(String(line)));
}

/** Returns the values that handlers have measured during the test, in order, by the names of the metrics. */
export function measured(): Record<string, unknown[]> {
  const values = new Map<string, unknown[]>();
  for (const line of writtenLines().map((line) => Line.parse(line)))
    for (const { Name } of line._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics))
      values.set(Name, [...(values.get(Name) ?? []), line[Name]]);
  return Object.fromEntries(values);
}

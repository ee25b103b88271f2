import fc from 'fast-check';
import { iso, replaySpan, requireRetained } from '../../operations/replay-span.ts';

const now = Date.parse('2026-01-31T09:30:00.000Z');
const day = 24 * 60 * 60 * 1000;

it('is read from two times in ISO 8601, with any offset', () => {
  expect(replaySpan('2026-01-30T00:00:00Z', '2026-01-31T10:30:00.000+01:00', now)).toEqual({
    from: new Date('2026-01-30T00:00:00Z'),
    to: new Date(now),
  });
});

it.each([
  [
    'yesterday',
    '2026-01-31T00:00:00Z',
    '--from must be a time in ISO 8601 such as 2026-11-29T00:00:00Z, not "yesterday".',
  ],
  ['2026-01-30', '2026-01-31T00:00:00Z', '--from must be a time'],
  ['2026-01-30T00:00:00', '2026-01-31T00:00:00Z', '--from must be a time'],
  ['1769851800000', '2026-01-31T00:00:00Z', '--from must be a time'],
  ['2026-01-30T00:00:00Z', '2026-02-30T00:00:00Z', '--to must be a time'],
  ['2026-01-30T00:00:00Z', '', '--to must be a time'],
  ['2026-01-30T00:00:00Z', '2026-01-30T00:00:00Z', '--from must be before --to'],
  ['2026-01-30T00:00:00Z', '2026-01-29T00:00:00Z', '--from must be before --to'],
  [
    '2026-01-30T00:00:00Z',
    '2026-01-31T09:30:01Z',
    '--to must not be in the future. It is 2026-01-31T09:30:00Z now, and --to is 2026-01-31T09:30:01Z.',
  ],
])('refuses %s to %s', (from, to, message) => {
  expect(() => replaySpan(from, to, now)).toThrow(message);
});

it('refuses any text with an error of one line that names the option, and reads any time', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.date({ noInvalidDate: true }).map(String)), (text) => {
      try {
        expect(Number.isNaN(replaySpan(text, iso(new Date(now)), now).from.getTime())).toBe(false);
      } catch (error) {
        expect(String(error)).toMatch(/^Error: --(from|to) /);
      }
    }),
  );
  const earlier = fc.date({ min: new Date(0), max: new Date(now - 1), noInvalidDate: true });
  fc.assert(
    fc.property(earlier, (from) => {
      expect(replaySpan(from.toISOString(), iso(new Date(now)), now)).toEqual({ from, to: new Date(now) });
    }),
  );
});

it('must be within the retention of the archive', () => {
  const span = { from: new Date(now - 3 * day), to: new Date(now - day) };
  const createdAt = new Date(now - 9 * day);
  expect(() => requireRetained(span, { createdAt, days: 3 }, now)).not.toThrow();
  expect(() => requireRetained(span, { createdAt, days: 0 }, now)).not.toThrow();
  expect(() => requireRetained(span, { createdAt, days: 2 }, now)).toThrow(
    '--from must not be before 2026-01-29T09:30:00Z, because the archive keeps events for 2 days.',
  );
  expect(() => requireRetained(span, { createdAt: span.to, days: 3 }, now)).toThrow(
    '--to must be after 2026-01-30T09:30:00Z, because the archive has no earlier events.',
  );
});

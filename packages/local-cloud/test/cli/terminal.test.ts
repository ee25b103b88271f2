import { terminalLog } from '../../src/cli/terminal.ts';

/** Returns what `act` writes to stdout, without the time in front. */
function printed(verbose: boolean, act: (log: ReturnType<typeof terminalLog>) => void): string {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  act(terminalLog(verbose));
  const lines = write.mock.calls.map(([text]) => String(text).replace(/^\d\d:\d\d:\d\d {2}/, ''));
  write.mockRestore();
  return lines.join('');
}

it('writes one line per call', () => {
  expect(
    printed(false, (log) => {
      log.info('create-post', 'saved');
      log.warn('sns', 'slow');
      log.error('a source that is longer than that', 'broken');
    }),
  ).toBe(
    'create-post           saved\nsns                   slow\na source that is longer than that  broken\n',
  );
});

it('keeps a text with line breaks on one line, and removes terminal control characters', () => {
  const text = 'a\nb\r\nc\u001b[2Jd\u0007';
  expect(printed(true, (log) => log.info('s', text))).toBe('s                     a⏎b⏎c[2Jd\n');
  expect(printed(true, (log) => log.trace(text, ''))).toMatch(/^a⏎b⏎c\[2Jd +\n$/);
});

it('prints the traffic between the parts only in verbose mode', () => {
  const act = (log: ReturnType<typeof terminalLog>) => {
    log.trace('bus → target', { a: 1 });
    log.trace('bus → target', 'text');
  };
  expect(printed(false, act)).toBe('');
  expect(printed(true, act)).toBe('bus → target          {"a":1}\nbus → target          text\n');
});

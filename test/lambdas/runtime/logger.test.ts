import { logger } from '../../../lambdas/runtime/logger.ts';

test('writes one JSON object a line, with the correlation id and the stack of an error', () => {
  const lines: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    lines.push(String(chunk));
    return true;
  });
  logger.setCorrelationId('42');
  logger.error('It failed.', { error: new TypeError('why') });
  write.mockRestore();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'ERROR',
    message: 'It failed.',
    timestamp: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/),
    correlation_id: '42',
    error: { name: 'TypeError', message: 'why', stack: expect.stringContaining('logger.test.ts') },
  });
});

import { printLogLine } from '../../../src/services/lambda/log-line.ts';

/** Returns the parts of a line: level, source, message. */
function shown(line: string): string[][] {
  const calls: string[][] = [];
  const note = (level: string) => (source: string, message: string) =>
    void calls.push([level, source, message]);
  printLogLine(
    { info: note('info'), warn: note('warn'), error: note('error'), trace: () => {} },
    'create-post',
    line,
  );
  return calls;
}

it.each([
  ['plain text', 'info', 'plain text'],
  ['{"not":"a log line"}', 'info', '{"not":"a log line"}'],
  ['[1]', 'info', '[1]'],
  ['{"level":"INFO","message":"saved"}', 'info', 'saved'],
  ['{"level":"DEBUG","message":"saved"}', 'info', 'saved'],
  ['{"level":"WARN","message":"slow","postId":"1","ms":20}', 'warn', 'slow {"postId":"1","ms":20}'],
  ['{"level":"ERROR","message":"broken","error":{"name":"E"}}', 'error', 'broken {"error":{"name":"E"}}'],
  ['{"level":"CRITICAL","message":"broken"}', 'error', 'broken'],
  [
    '{"level":"INFO","message":"m","timestamp":"t","service":"s","sampling_rate":0,"cold_start":true,"function_name":"f","function_request_id":"r","xray_trace_id":"x"}',
    'info',
    'm',
  ],
  [
    '{"level":"INFO","message":"counted","_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"TopicArn":"t","FilterPolicies":3}',
    'info',
    'counted {"TopicArn":"t","FilterPolicies":3}',
  ],
])('%s', (line, level, message) => {
  expect(shown(line)).toEqual([[level, 'create-post', message]]);
});

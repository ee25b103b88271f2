import fc from 'fast-check';
import { compileInput, type TargetInput } from '../../../src/services/eventbridge/input-transformer.ts';

const event = {
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2015-11-11T21:29:54Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111'],
  detail: {
    'instance-id': 'i-0123456789',
    state: 'RUNNING',
    healthy: true,
    cores: 4,
    owner: null,
    tags: ['blue', 'green'],
    disk: { kind: 'ssd', size: 8 },
    quoted: 'say "hi"',
  },
};

const context = {
  ruleArn: 'arn:aws:events:us-east-2:123456789012:rule/example',
  ruleName: 'example',
  ingestionTime: '2015-11-11T21:29:55Z',
};

const InputPathsMap = {
  time: '$.time',
  instance: '$.detail.instance-id',
  state: '$.detail.state',
  healthy: '$.detail.healthy',
  cores: '$.detail.cores',
  owner: '$.detail.owner',
  tags: '$.detail.tags',
  'first-tag': '$.detail.tags[0]',
  disk: '$.detail.disk',
  quoted: '$.detail.quoted',
  missing: '$.detail.missing',
};

function render(settings: Omit<TargetInput, 'Id'>): string {
  return compileInput({ Id: 'target', ...settings })(event, context);
}

function transform(InputTemplate: string): string {
  return render({ InputTransformer: { InputPathsMap, InputTemplate } });
}

describe('without a template', () => {
  test('a target receives the event', () => {
    expect(JSON.parse(render({}))).toEqual(event);
  });
  test('Input is sent unchanged', () => {
    expect(render({ Input: '{ "a": 1 }' })).toBe('{ "a": 1 }');
  });
  test.each([
    ['$.detail.disk', '{"kind":"ssd","size":8}'],
    ['$.detail.state', '"RUNNING"'],
    ['$.detail.missing', 'null'],
  ])('InputPath %s', (InputPath, expected) => {
    expect(render({ InputPath })).toBe(expected);
  });
});

describe('a template of JSON', () => {
  test.each<[string, unknown]>([
    ['{"instance" : <instance>, "state": <state>}', { instance: 'i-0123456789', state: 'RUNNING' }],
    [
      '{\n "state": "<state>",\n "status": "instance \\"<instance>\\" is in <state>"\n}',
      { state: 'RUNNING', status: 'instance "i-0123456789" is in RUNNING' },
    ],
    ['{"state": [9, <state>, true], "done": "Yes"}', { state: [9, 'RUNNING', true], done: 'Yes' }],
    [
      '[<healthy>, <cores>, <owner>, <tags>, <disk>]',
      [true, 4, null, ['blue', 'green'], { kind: 'ssd', size: 8 }],
    ],
    ['<disk>', { kind: 'ssd', size: 8 }],
    ['{"tag": "<first-tag>/<cores>/<healthy>/<cores>"}', { tag: 'blue/4/true/4' }],
    ['{"standing": <missing>, "within": "[<missing>]"}', { standing: '', within: '[]' }],
    ['{"quoted": <quoted>}', { quoted: 'say "hi"' }],
    ['{"a": "1 < 2", "b": "<>", "c": "a<b c>d"}', { a: '1 < 2', b: '<>', c: 'a<b c>d' }],
    [
      '{"arn": <aws.events.rule-arn>, "name": "<aws.events.rule-name>"}',
      { arn: context.ruleArn, name: 'example' },
    ],
    ['{"at": <aws.events.event.ingestion-time>}', { at: context.ingestionTime }],
    ['{"event": <aws.events.event.json>}', { event }],
  ])('%s', (template, expected) => {
    const text = transform(template);
    expect(JSON.parse(text)).toEqual(expected);
    expect(text).toBe(JSON.stringify(expected));
  });

  test('<aws.events.event> is the event without its detail', () => {
    const { detail: _, 'detail-type': detailType, ...rest } = event;
    expect(JSON.parse(transform('{"event": <aws.events.event>}'))).toEqual({
      event: { ...rest, detailType },
    });
  });

  test.each(['{"text": "<quoted>"}', '{"text": "disk <disk>"}', '{"text": "<tags>"}'])(
    'is not delivered if a value makes it invalid: %s',
    (template) => {
      expect(() => transform(template)).toThrow(expect.objectContaining({ code: 'INVALID_JSON' }));
    },
  );
});

describe('a template of text', () => {
  test.each([
    ['"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'],
    ['"{[/ starts oddly <state>"', '"{[/ starts oddly RUNNING"'],
    ['"instance \\"<instance>\\""', '"instance \\"i-0123456789\\""'],
    ['"<cores> cores, healthy <healthy>, owner <owner>"', '"4 cores, healthy true, owner null"'],
    ['"tags <tags>, disk <disk>"', '"tags [blue,green], disk {kind:ssd,size:8}"'],
    ['"nothing: <missing>"', '"nothing: "'],
    ['"<aws.events.rule-name> triggered"', '"example triggered"'],
    ['"<state>"\n"on <instance>"', '"RUNNING"\n"on i-0123456789"'],
    ['"they <quoted>"', '"they say "hi""'],
  ])('%s', (template, expected) => {
    expect(transform(template)).toBe(expected);
  });
});

describe('invalid settings', () => {
  const template = (InputTemplate: string, paths: Record<string, string> = InputPathsMap) => ({
    InputTransformer: { InputPathsMap: paths, InputTemplate },
  });
  test.each<[Omit<TargetInput, 'Id'>, string]>([
    [
      { Input: '{}', InputPath: '$' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target target.',
    ],
    [{ Input: 'not JSON' }, 'JSON syntax error in input for target target.'],
    [{ InputPath: 'detail' }, 'detail'],
    [template('"<unknown>"'), 'InputTemplate for target target contains invalid placeholder unknown.'],
    [template('{"a": <a>}', {}), 'InputTemplate for target target contains invalid placeholder a.'],
    [template('plain <state>'), 'Invalid InputTemplate for target target'],
    [template(''), 'Invalid InputTemplate for target target'],
    [template('{"a": <state>'), 'Invalid InputTemplate for target target'],
    [template('{"a": \\<state>}'), 'Invalid InputTemplate for target target'],
    [template('"one" "two"'), 'Invalid InputTemplate for target target'],
    [template('{<state>: 1}'), 'Invalid InputTemplate for target target'],
    [template('{"x-<state>": 1}'), 'a variable cannot be a key'],
    [template('"x"', { 'aws.events.rule-arn': '$' }), 'invalid key aws.events.rule-arn'],
    [template('"x"', { AWSx: '$' }), 'invalid key AWSx'],
    [template('"x"', { x: "$['a']" }), "$['a']"],
    [
      template('"x"', Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`v${i}`, '$']))),
      'more than 100',
    ],
  ])('%j', (settings, message) => {
    expect(() => compileInput({ Id: 'target', ...settings })).toThrow(
      expect.objectContaining({ code: 'ValidationException', message: expect.stringContaining(message) }),
    );
  });
});

describe('properties', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('"', '\\', '\n', '\u2028', '🚀', '<topic>', '<message>', `\${x}`, '", "topic": "winter'),
  );

  test('standalone variables arrive unchanged, whatever their value', () => {
    const variables = compileInput({
      Id: 'target',
      InputTransformer: {
        InputPathsMap: { message: '$.detail.summary', topic: '$.detail.post.topic', post: '$.detail.post' },
        InputTemplate: '{"message":<message>,"topic":<topic>,"post":<post>}',
      },
    });
    fc.assert(
      fc.property(text, text, fc.jsonValue(), (summary, topic, extra) => {
        const post = { topic, extra };
        const received = JSON.parse(variables({ detail: { summary, post } }, context));
        expect(received).toEqual(JSON.parse(JSON.stringify({ message: summary, topic, post })));
      }),
    );
  });

  test('a variable within quotes is inserted, not escaped', () => {
    const quoted = compileInput({
      Id: 'target',
      InputTransformer: { InputPathsMap: { x: '$.x' }, InputTemplate: '"a <x> b <x>"' },
    });
    fc.assert(fc.property(text, (x) => expect(quoted({ x }, context)).toBe(`"a ${x} b ${x}"`)));
  });
});

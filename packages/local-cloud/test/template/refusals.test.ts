import { join } from 'node:path';
import * as z from 'zod/mini';
import { compiledBy, ofKind, resourceType } from '../../src/template/resource-type.ts';
import { Template, type TemplateOptions } from '../../src/template/template.ts';
import { account, writeAssembly } from '../fixtures/assembly.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();

const Queue = resourceType(
  z.strictObject({
    Name: z.optional(z.string().check(z.minLength(2))),
    Delay: z._default(z.number().check(z.lte(900)), 5),
    Kind: z.optional(z.enum(['fast', 'slow'])),
    Tags: z.optional(z.array(z.strictObject({ Key: z.unknown() }))),
    Readers: z._default(z.array(z.string().check(z.startsWith('arn:aws:queue:', 'only queues'))), []),
    Pattern: z.optional(z.string().check(compiledBy((pattern) => new RegExp(pattern)))),
  }),
  {
    name: ({ Name }, generated) => Name ?? generated,
    arn: (name, { region, id }) => `arn:aws:queue:${region}:${id}:${name}`,
    ref: ({ name }) => `https://queues/${name}`,
    attributes: ({ name }) => ({ QueueName: name }),
    parts: ['Readers'],
  },
);
const Reader = resourceType(
  ofKind(
    z.object({ Source: z.string().check(z.startsWith('arn:aws:queue:', 'only queues')) }),
    z.strictObject({ Source: z.string(), From: z.literal('start') }),
  ),
);
const types = { 'Test::Queue': Queue, 'Test::Reader': Reader };

function read(template: object, options: TemplateOptions = {}, metadata: Record<string, object[]> = {}) {
  return new Template(writeAssembly(folder, template, {}, metadata), account, types, options);
}

const queue = (properties: object, others: object = {}) => ({
  Resources: { Q: { Type: 'Test::Queue', Properties: properties }, ...others },
});

/** Returns the lines about the first thing that a template is refused for. */
function refusal(template: object): string {
  try {
    read(template);
  } catch (error) {
    return String(error).split('\n\n')[1]?.replace(/^ {2}/gm, '').trim() ?? '';
  }
  return '';
}

it.each([
  ['resource type', { Resources: { Q: { Type: 'Test::Other' } } }, 'The resource type is not supported.'],
  ['property', queue({ Nme: 'q' }), 'The property Nme is not supported.'],
  [
    'nested property',
    queue({ Tags: [{ Key: 'a' }, { Key: 'b', Value: 1 }] }),
    'The property Tags.1.Value is not supported.',
  ],
  ['type of a value', queue({ Delay: 'long' }), 'Delay "long": this must be a number.'],
  ['number', queue({ Delay: 901 }), 'Delay 901: this must be at most 900.'],
  ['length', queue({ Name: 'q' }), 'Name "q": the number of characters must be at least 2.'],
  ['alternative', queue({ Kind: 'odd' }), 'Kind "odd": only "fast" or "slow" is supported.'],
  [
    'value that does not compile',
    queue({ Pattern: '(' }),
    'Pattern "(": Invalid regular expression: /(/: Unterminated group.',
  ],
  [
    'intrinsic function',
    queue({ Tags: [{ Key: { 'Fn::If': ['a', 'b', 'c'] } }] }),
    'Tags: the intrinsic function Fn::If is not supported.',
  ],
  [
    'call of an intrinsic function',
    queue({ Name: { Ref: ['Q'] } }),
    'Name: Ref has an invalid argument: {"Ref":["Q"]}.',
  ],
  [
    'attribute',
    queue({ Name: { 'Fn::GetAtt': ['R', 'Size'] } }, { R: { Type: 'Test::Queue' } }),
    'Name: R (Test::Queue) has no attribute Size.',
  ],
  ['logical id', queue({ Name: { Ref: 'Nowhere' } }), 'Name: there is no resource Nowhere.'],
  [
    'parameter without a value',
    { Parameters: { P: { Type: 'String' } }, ...queue({ Name: { Ref: 'P' } }) },
    'Name: the parameter P has no default value.',
  ],
  [
    'parameter of SSM',
    {
      Parameters: { P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/p' } },
      ...queue({ Name: { Ref: 'P' } }),
    },
    'Name: the parameter P is read from SSM, which is not supported.',
  ],
  [
    'part of a resource',
    { Resources: { Q: { Type: 'Test::Queue', Condition: 'c' } } },
    'The attribute Condition is not supported.',
  ],
])('names an unknown %s', (_name, template, reason) => {
  const [place, sentence, page] = refusal(template).split('\n');
  expect(place).toMatch(/^Q \(Test::(Queue|Other)\)$/);
  expect(sentence?.trim()).toBe(reason);
  expect(page?.trim()).toMatch(/^See .*\/resource-types\.md#other-services$/);
});

it.each([
  [
    'section',
    { Resources: {}, Transform: 'x' },
    /^Transform\n {2}This section of a template is not supported\./,
  ],
  [
    'output',
    { Outputs: { Url: { Value: { Ref: 'Nowhere' } } } },
    /^the output Url\n {2}Value: there is no resource Nowhere\./,
  ],
  [
    'attribute of an output',
    { Outputs: { Url: { Value: 'u', Condition: 'c' } } },
    /^the output Url\n {2}Value: conditions are not supported\./,
  ],
  ['output that is not text', { Outputs: { Url: { Value: ['a'] } } }, /Value: the value must be text\./],
])('names an unknown %s', (_name, template, lines) => {
  expect(refusal(template)).toMatch(lines);
});

it('refuses another kind of a type for what it is, without its other properties', () => {
  const Properties = { Source: 'arn:aws:stream:a', BatchSize: 1 };
  expect(refusal({ Resources: { R: { Type: 'Test::Reader', Properties } } })).toMatch(
    /^R \(Test::Reader\)\n {2}Source "arn:aws:stream:a": only queues\.\n {2}See /,
  );
});

const created = (logicalId: string, ...data: string[]) => [
  { type: 'aws:cdk:logicalId', data: logicalId },
  { type: 'aws:cdk:creationStack', data },
];

it('names everything at once, each with its construct, the line that created it and the page', () => {
  const template = {
    Resources: {
      Q: {
        Type: 'Test::Queue',
        Properties: { Fifo: true, Delay: 1000 },
        Metadata: { 'aws:cdk:path': 'Stack/Jobs/Resource' },
      },
      S: { Type: 'AWS::SQS::Stream', Metadata: { 'aws:cdk:path': 'Stack/Stream/Resource' } },
      Elsewhere: { Type: 'AWS::Lambda::Url' },
    },
  };
  const metadata = {
    '/Stack/Jobs/Resource': created(
      'Q',
      '...new Queue2 in aws-cdk-lib...',
      `new Stack (${join(process.cwd(), 'lib/stack.ts')}:85:5)`,
      '<anonymous> (bin/app.ts:21:1)',
    ),
    '/Stack/Stream/Resource': created('S', 'Array.map (:)', 'new Stack (/elsewhere/stack.ts:7:9)'),
    '/Stack/Elsewhere': created('Elsewhere', '...aws-cdk-lib...', '(no user code in 10 frames)'),
  };
  expect(() => read(template, { hints: { 'AWS::Lambda::Url': 'Use an API.' } }, metadata)).toThrow(
    new Error(`The local cloud does not support these parts of the stack:

  Stack/Jobs/Resource (Test::Queue), created at lib/stack.ts:85
    Delay 1000: this must be at most 900.
    The property Fifo is not supported.
    See packages/local-cloud/docs/resource-types.md#other-services

  Stack/Stream/Resource (AWS::SQS::Stream), created at /elsewhere/stack.ts:7
    The resource type is not supported.
    See packages/local-cloud/docs/resource-types.md#sqs

  Elsewhere (AWS::Lambda::Url)
    The resource type is not supported. Use an API.
    See packages/local-cloud/docs/resource-types.md#lambda
`),
  );
});

it('groups the many resources that one line creates', () => {
  const names = ['Vpc', 'Subnet', 'Route', 'Gateway', 'Table'];
  const Resources = Object.fromEntries(
    names.map((name) => [name, { Type: `Test::${name}`, Metadata: { 'aws:cdk:path': `Stack/V/${name}` } }]),
  );
  const metadata = Object.fromEntries(
    names.map((name) => [`/Stack/V/${name}`, created(name, 'new Stack (/stack.ts:7:9)')]),
  );
  expect(() => read({ Resources }, {}, metadata)).toThrow(
    'Stack/V (Test::Vpc, Test::Subnet, Test::Route and 2 more types), created at /stack.ts:7\n',
  );
});

it('does not name what only refers to something that is not supported', () => {
  const Source = { 'Fn::GetAtt': ['S', 'Arn'] };
  const template = {
    Resources: {
      S: { Type: 'AWS::Kinesis::Stream' },
      R: { Type: 'Test::Reader', Properties: { Source, From: 'start' } },
      Q: { Type: 'Test::Queue', Properties: { Readers: [{ Ref: 'S' }], Name: { Ref: 'S' } } },
    },
  };
  expect(() => read(template)).toThrow(/^.*:\n\n {2}S \(AWS::Kinesis::Stream\)\n.*\n.*#other-services\n$/);
  const { skipped } = read(template, { skipUnsupported: true });
  expect(skipped.lines).toEqual([
    'S (AWS::Kinesis::Stream): The resource type is not supported.',
    'R (Test::Reader): It depends on another resource that is skipped.',
    'Q (Test::Queue): It depends on another resource that is skipped.',
  ]);
});

describe('a template without what is not supported', () => {
  const arn = (name: string) => `arn:aws:queue:eu-west-1:123456789012:${name}`;
  const template = () =>
    read(
      {
        Transform: 'x',
        Resources: {
          Secret: { Type: 'AWS::SecretsManager::Secret' },
          Fifo: { Type: 'Test::Queue', Properties: { Name: 'fifo', Fifo: true } },
          Plain: {
            Type: 'Test::Queue',
            Properties: { Readers: [arn('a'), 'arn:aws:lambda:x', { Ref: 'Secret' }, arn('b')] },
          },
          Named: { Type: 'Test::Queue', Properties: { Name: { 'Fn::GetAtt': ['Fifo', 'QueueName'] } } },
        },
        Outputs: {
          FifoUrl: { Value: { Ref: 'Fifo' } },
          FifoArn: { Value: { 'Fn::GetAtt': ['Fifo', 'Arn'] } },
          SecretArn: { Value: { Ref: 'Secret' } },
          Unknown: { Value: { 'Fn::If': [] } },
        },
      },
      { skipUnsupported: true },
    );

  it('contains the other resources, and the supported items of their lists', () => {
    expect(template().resources(Queue)).toMatchObject([
      { logicalId: 'Plain', properties: { Readers: [arn('a'), arn('b')] } },
      { logicalId: 'Named', properties: { Name: 'fifo' } },
    ]);
    expect([...template().countByType()]).toEqual([['Test::Queue', 2]]);
  });

  it('has values for the references to what it lacks', () => {
    expect(template().outputs()).toEqual({
      FifoUrl: 'https://queues/fifo',
      FifoArn: arn('fifo'),
      SecretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:skipped/Secret',
    });
  });

  it('has a sentence about each resource and each part that it lacks', () => {
    const { skipped } = template();
    const secret =
      'Secret (AWS::SecretsManager::Secret) is skipped, because the local cloud does not support it. The resource type is not supported.';
    expect(
      skipped.sentence('arn:aws:secretsmanager:eu-west-1:123456789012:skipped/Secret', 'secretsmanager'),
    ).toBe(secret);
    expect(skipped.sentence('Secret', 'any')).toBe(secret);
    const fifo =
      'Fifo (Test::Queue) is skipped, because the local cloud does not support it. The property Fifo is not supported.';
    for (const name of ['fifo', arn('fifo'), 'https://queues/fifo', 'http://127.0.0.1/fifo'])
      expect(skipped.sentence(name, 'cloudformation')).toBe(fifo);
    expect(skipped.sentence('fifo', 'sns')).toBeUndefined();
    expect(skipped.sentence('other', 'cloudformation')).toBeUndefined();
    expect(skipped.partsSentence('Plain')).toBe(
      'Parts of Plain (Test::Queue) are skipped, because the local cloud does not support them. Readers.1 "arn:aws:lambda:x": only queues.',
    );
    expect(skipped.partsSentence('Named')).toBeUndefined();
    expect(skipped.ofType('AWS::SecretsManager::Secret')).toEqual([secret]);
  });
});

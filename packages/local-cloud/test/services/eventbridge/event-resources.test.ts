import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { Template } from '../../../src/template/template.ts';
import { account, writeAssembly } from '../../fixtures/assembly.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const folder = temporaryFolder();
const target = { Id: 'a', Arn: 'arn:aws:lambda:eu-west-1:123456789012:function:a' };

function read(properties: object) {
  const Rule = {
    Type: 'AWS::Events::Rule',
    Properties: { EventPattern: { source: ['blog'] }, Targets: [target], ...properties },
  };
  return new Template(writeAssembly(folder, { Resources: { Rule } }), account, resourceTypes);
}

it.each([
  ['a function', {}],
  ['a topic', { Targets: [{ ...target, Arn: 'arn:aws:sns:eu-west-1:123456789012:a' }] }],
  ['a queue', { Targets: [{ ...target, Arn: 'arn:aws:sqs:eu-west-1:123456789012:a' }] }],
  [
    'a transformed input',
    { Targets: [{ ...target, InputTransformer: { InputTemplate: '<aws.events.event>' } }] },
  ],
  ['a schedule', { ScheduleExpression: 'rate(1 day)' }],
])('accepts %s', (_name, properties) => {
  expect(() => read(properties)).not.toThrow();
});

it.each([
  [
    'a target that is neither function nor topic nor queue',
    { Targets: [target, { Id: 'b', Arn: 'arn:aws:logs:eu-west-1:123456789012:b' }] },
    'Targets.1.Arn "arn:aws:logs:eu-west-1:123456789012:b": only functions, topics and queues are supported.',
  ],
  [
    'an invalid pattern',
    { EventPattern: { source: [{ suffixes: 'x' }] } },
    'EventPattern: Event pattern is not valid. Reason: Unrecognized match type suffixes.',
  ],
  [
    'wildcards that are too complex',
    { EventPattern: { source: [{ wildcard: '*:*:*:*:*:event-bus/*' }] } },
    'EventPattern: Event pattern is not valid. Reason: Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character.',
  ],
  [
    'a pattern of over 4,096 characters',
    { EventPattern: { source: ['a'.repeat(4097 - '{"source":[""]}'.length)] } },
    'EventPattern: Member must have length less than or equal to 4096.',
  ],
  [
    'a name with a slash',
    { Name: 'a/b' },
    'Name "a/b": Member must satisfy regular expression pattern: [.\\-_A-Za-z0-9]+.',
  ],
  [
    'a target with too long an id',
    { Targets: [{ ...target, Id: 'a'.repeat(65) }] },
    'aaa": Member must have length less than or equal to 64.',
  ],
  [
    'an input of over 8,192 characters',
    { Targets: [{ ...target, Input: JSON.stringify('a'.repeat(8191)) }] },
    'Targets.0.Input: Member must have length less than or equal to 8192.',
  ],
  [
    'an invalid schedule',
    { ScheduleExpression: 'rate(1 days)' },
    'ScheduleExpression "rate(1 days)": Parameter ScheduleExpression is not valid: rate(1 days).',
  ],
  [
    'an input that is not JSON',
    { Targets: [{ ...target, Input: '{' }] },
    'Targets.0: JSON syntax error in input for target a.',
  ],
  [
    'a path that matches nothing',
    { Targets: [{ ...target, InputPath: "$['detail']" }] },
    "Targets.0: JSON path $['detail'] is not supported in the input of a target.",
  ],
  [
    'an undefined variable',
    { Targets: [{ ...target, InputTransformer: { InputTemplate: '{"a": <b>}' } }] },
    'Targets.0: InputTemplate for target a contains invalid placeholder b.',
  ],
])('does not start with %s', (_name, properties, message) => {
  expect(() => read(properties)).toThrow(message);
});

import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { Template, TemplateError } from '../../../src/template/template.ts';
import { account, functionResource, writeAssembly } from '../../fixtures/assembly.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const folder = temporaryFolder();

function read(Resource: object) {
  return new Template(writeAssembly(folder, { Resources: { Resource } }), account, resourceTypes);
}

function mapping(properties: object) {
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Posts/stream/1',
      FunctionName: 'publish',
      StartingPosition: 'TRIM_HORIZON',
      ...properties,
    },
  };
}

const filter = (Pattern: string) => ({
  FilterCriteria: { Filters: [{ Pattern: '{"a":["b"]}' }, { Pattern }] },
});

it.each([
  ['a function', functionResource('one', { Timeout: 900, MemorySize: 10_240 })],
  ['the smallest function', functionResource('one', { Timeout: 1, MemorySize: 128 })],
  ['a mapping', mapping(filter('{"dynamodb":{"Keys":{"id":{"S":["1"]}}}}'))],
  ['records of any age', mapping({ MaximumRecordAgeInSeconds: -1 })],
  ['records of a minute', mapping({ MaximumRecordAgeInSeconds: 60 })],
  ['records of a week', mapping({ MaximumRecordAgeInSeconds: 604_800 })],
])('accepts %s', (_name, resource) => {
  expect(() => read(resource)).not.toThrow();
});

it.each([
  [functionResource('one', { Timeout: 0 }), 'this must be at least 1.'],
  [functionResource('one', { Timeout: 901 }), 'this must be at most 900.'],
  [functionResource('one', { MemorySize: 127 }), 'this must be at least 128.'],
  [functionResource('one', { MemorySize: 10_241 }), 'this must be at most 10240.'],
  [mapping({ MaximumRecordAgeInSeconds: 59 }), 'this must be at least 60.'],
  [mapping({ MaximumRecordAgeInSeconds: -2 }), 'this must be at least 60.'],
  [mapping({ MaximumRecordAgeInSeconds: 604_801 }), 'this must be at most 604800.'],
  [
    mapping(filter('"text"')),
    'FilterCriteria.Filters.1.Pattern "\\"text\\"": Event pattern is not valid. Reason: Filter is not an object.',
  ],
])('does not start with %j', (resource, message) => {
  expect(() => read(resource)).toThrow(TemplateError);
  expect(() => read(resource)).toThrow(message);
});

import * as z from 'zod/mini';
import { resourceType } from '../../src/template/resource-type.ts';
import { CUSTOM_RESOURCE_PROVIDER, Template, TemplateError } from '../../src/template/template.ts';
import { account, writeAssembly } from '../fixtures/assembly.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const folder = temporaryFolder();

const Queue = resourceType(
  z.strictObject({
    Name: z.optional(z.string()),
    Delay: z._default(z.number(), 5),
    Tags: z.optional(z.array(z.strictObject({ Key: z.unknown() }))),
  }),
  {
    name: ({ Name }, generated) => Name ?? generated,
    arn: (name, { region, id }) => `arn:aws:queue:${region}:${id}:${name}`,
    ref: ({ name }) => `https://queues/${name}`,
    attributes: ({ name }) => ({ QueueName: name }),
  },
);
const types = { 'Test::Queue': Queue };

function read(template: object, assets: Record<string, string> = {}): Template {
  return new Template(writeAssembly(folder, template, assets), account, types);
}

it('reads resources in the order of the template, whatever their references', () => {
  const template = read({
    Resources: {
      First: { Type: 'Test::Queue', Properties: { Name: { 'Fn::GetAtt': ['Second', 'QueueName'] } } },
      Second: { Type: 'Test::Queue', Metadata: { 'aws:cdk:path': 'Stack/Second/Resource' } },
    },
  });
  const common = { name: 'Stack-Second', arn: 'arn:aws:queue:eu-west-1:123456789012:Stack-Second' };
  expect(template.resources(Queue)).toEqual([
    {
      ...common,
      logicalId: 'First',
      constructPath: 'First',
      properties: { Name: 'Stack-Second', Delay: 5 },
    },
    {
      ...common,
      logicalId: 'Second',
      constructPath: 'Stack/Second/Resource',
      properties: { Delay: 5 },
    },
  ]);
  expect([...template.countByType()]).toEqual([['Test::Queue', 2]]);
});

it('leaves out the function of a custom resource', () => {
  const anyProperties = z.record(z.string(), z.unknown());
  const FunctionType = resourceType(z.strictObject({ Runtime: z.literal('nodejs24.x') }));
  const CustomType = resourceType(z.strictObject({ ServiceToken: z.string() }));
  const assembly = writeAssembly(folder, {
    Resources: {
      Provider: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'python3.13', Layers: [] } },
      Handler: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'nodejs24.x' } },
      Made: { Type: 'Custom::Made', Properties: { ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] } } },
    },
  });
  const template = new Template(assembly, account, {
    'AWS::Lambda::Function': FunctionType,
    'Custom::Made': CustomType,
    [CUSTOM_RESOURCE_PROVIDER]: resourceType(anyProperties),
  });
  expect(template.resources(FunctionType).map(({ logicalId }) => logicalId)).toEqual(['Handler']);
  expect([...template.countByType()]).toEqual([
    [CUSTOM_RESOURCE_PROVIDER, 1],
    ['AWS::Lambda::Function', 1],
    ['Custom::Made', 1],
  ]);
});

it('resolves the outputs, including resources, pseudo parameters and parameters', () => {
  const Value = {
    'Fn::Join': [
      ' ',
      [
        { Ref: 'Queue' },
        { 'Fn::GetAtt': ['Queue', 'Arn'] },
        {
          'Fn::Sub': `$\{AWS::Partition} $\{AWS::Region} $\{AWS::AccountId} $\{AWS::StackName} $\{AWS::URLSuffix}`,
        },
        { Ref: 'Stage' },
      ],
    ],
  };
  const template = read({
    Parameters: { Stage: { Type: 'String', Default: 'dev' } },
    Resources: { Queue: { Type: 'Test::Queue', Properties: { Name: 'q' } } },
    Outputs: { Everything: { Value, Description: 'all of it' } },
  });
  expect(template.outputs()).toEqual({
    Everything:
      'https://queues/q arn:aws:queue:eu-west-1:123456789012:q aws eu-west-1 123456789012 Stack amazonaws.com dev',
  });
});

it('finds the folder of an asset', () => {
  const template = read({ Resources: {} }, { code: 'export {};' });
  expect(template.asset('code.zip')).toMatch(/asset\.code$/);
  expect(() => template.asset('other.zip')).toThrow(
    new TemplateError('The assembly has no asset other.zip.'),
  );
});

import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import * as z from 'zod/mini';
import { asyncApi } from '../../contracts/asyncapi.ts';
import { resourcesById } from './stage-template.ts';

const Event = z.looseObject({ detail: z.looseObject({}) });

const schemas = Object.values(resourcesById('AWS::EventSchemas::Schema')).map(
  ({ Properties, DependsOn }) => ({ ...Properties, DependsOn, content: JSON.parse(Properties.Content) }),
);

it('are in a registry of the stack, under the names that EventBridge would choose', () => {
  const registries = Object.entries(resourcesById('AWS::EventSchemas::Registry'));
  expect(registries).toEqual([
    [
      expect.anything(),
      expect.objectContaining({ Properties: expect.objectContaining({ RegistryName: 'Blog-dev' }) }),
    ],
  ]);
  expect(schemas.map(({ SchemaName }) => SchemaName).sort()).toEqual([
    'blog@BlogPostCreated',
    'blog@BlogPostRemoved',
    'blog@BlogPostSaved',
    'blog@BlogPostUpdated',
    'blog@ConnectionOpened',
    'blog@ConnectionsToPush',
  ]);
  for (const { RegistryName, Type, DependsOn } of schemas)
    expect({ RegistryName, Type, DependsOn }).toEqual({
      RegistryName: 'Blog-dev',
      Type: 'JSONSchemaDraft4',
      DependsOn: [registries[0]?.[0]],
    });
});

describe.each(schemas.map(({ SchemaName, content }) => [SchemaName.replace('blog@', ''), content]))(
  '%s',
  (detailType, content) => {
    // Compiles patterns without the flag `u`, as many validators do.
    const ajv = new Ajv({ strictSchema: 'log', unicodeRegExp: false });
    addFormats(ajv);
    ajv.addKeyword('x-amazon-events-source').addKeyword('x-amazon-events-detail-type');
    const [example] = asyncApi.components.messages[detailType]?.examples ?? [];
    const event = Event.parse(example?.payload);

    it('is a schema of draft 4', () => {
      expect(content.$schema).toBe('http://json-schema.org/draft-04/schema#');
      expect(ajv.validateSchema(content)).toBe(true);
      expect(content['x-amazon-events-detail-type']).toBe(detailType);
    });

    it('accepts the event, also with future fields', () => {
      const validate = ajv.compile(content);
      expect(validate(event)).toBe(true);
      expect(validate({ ...event, detail: { ...event.detail, more: 1 } })).toBe(true);
    });

    it('accepts no other event', () => {
      const validate = ajv.compile(content);
      expect(validate({ ...event, 'detail-type': 'Other' })).toBe(false);
      expect(validate({ ...event, detail: { ...event.detail, version: 2 } })).toBe(false);
      expect(validate({ ...event, detail: {} })).toBe(false);
    });
  },
);

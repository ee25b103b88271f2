import * as z from 'zod/mini';

/**
 * The resources whose replacement loses data or names that others know, each with the properties
 * whose change makes CloudFormation replace it (Template Reference, "Update requires: Replacement").
 */
const replacingProperties: Record<string, readonly string[]> = {
  'AWS::ApiGateway::RestApi': [],
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
  'AWS::DynamoDB::Table': ['TableName', 'LocalSecondaryIndexes'],
  'AWS::Events::Archive': ['ArchiveName', 'SourceArn'],
  'AWS::Events::EventBus': ['Name'],
  'AWS::Events::Rule': ['Name', 'EventBusName'],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
};

const texts = z.record(z.string(), z.string());

/** What must not change of the lasting resources of a template, by logical ID. */
export const LastingResources = z.record(
  z.string(),
  z.object({
    type: z.string(),
    /** The values, as text, of what cannot change without a replacement. */
    fixed: texts,
    /** The keys and the projection of the indexes of a table, as text, by their names. */
    indexes: z.optional(texts),
  }),
);
export type LastingResources = z.infer<typeof LastingResources>;

const Keys = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const TableProperties = z.object({
  KeySchema: Keys,
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  GlobalSecondaryIndexes: z._default(
    z.array(z.object({ IndexName: z.string(), KeySchema: Keys, Projection: z.unknown() })),
    [],
  ),
});

/** Describes the lasting resources of a template. */
export function lastingResources(
  resources: Record<string, { Type: string; Properties?: Record<string, unknown> | undefined }>,
): LastingResources {
  const entries = Object.entries(resources).flatMap(([logicalId, { Type: type, Properties = {} }]) => {
    const names = replacingProperties[type];
    if (!names) return [];
    const set = names.filter((name) => Properties[name] !== undefined);
    const fixed = Object.fromEntries(set.map((name) => [name, textOf(Properties[name])]));
    if (type !== 'AWS::DynamoDB::Table') return [[logicalId, { type, fixed }] as const];
    const { keys, indexes } = keysOf(TableProperties.parse(Properties));
    return [[logicalId, { type, fixed: { keys, ...fixed }, indexes }] as const];
  });
  return Object.fromEntries(entries);
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function keysOf({
  KeySchema,
  AttributeDefinitions,
  GlobalSecondaryIndexes,
}: z.infer<typeof TableProperties>) {
  const types = new Map(
    AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
  );
  const keys = (schema: z.infer<typeof Keys>) =>
    schema
      .map(({ AttributeName, KeyType }) => `${AttributeName} (${KeyType}, ${types.get(AttributeName)})`)
      .join(', ');
  const indexes = GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => [
    IndexName,
    `${keys(KeySchema)}, ${textOf(Projection)}`,
  ]);
  return { keys: keys(KeySchema), indexes: Object.fromEntries(indexes) };
}

/**
 * Returns a line for each change after which the deployed stack could not be updated without a loss:
 * the resource, its change, and the reason. New resources are no such change.
 */
export function unsafeChanges(released: LastingResources, present: LastingResources): string[] {
  return Object.entries(released).flatMap(([logicalId, before]) => {
    const after = present[logicalId];
    const name = `${logicalId} (${before.type})`;
    if (!after || after.type !== before.type)
      return [`${name} is gone: its data or its name would not be in the new stack. Keep the logical ID.`];
    const properties = new Set([...Object.keys(before.fixed), ...Object.keys(after.fixed)]);
    const replacing = [...properties].filter((property) => before.fixed[property] !== after.fixed[property]);
    return [
      ...replacing.map(
        (property) =>
          `${name}: ${property} was ${before.fixed[property]} and is ${after.fixed[property]}. CloudFormation would replace the resource.`,
      ),
      ...changesOfIndexes(before.indexes, after.indexes).map((change) => `${name}: ${change}`),
    ];
  });
}

function changesOfIndexes(before: Record<string, string> = {}, after: Record<string, string> = {}): string[] {
  const without = (some: object, others: object) => Object.keys(some).filter((name) => !(name in others));
  const changed = Object.keys(before).filter((name) => name in after && before[name] !== after[name]);
  const created = without(after, before);
  const deleted = without(before, after);
  return [
    ...changed.map(
      (name) =>
        `the index ${name} was ${before[name]} and is ${after[name]}. An index cannot be changed: create one of another name.`,
    ),
    ...(created.length + deleted.length > 1
      ? [
          `creates ${created.length} and deletes ${deleted.length} indexes: ${[...created, ...deleted].join(', ')}. ` +
            'One update of a table creates or deletes one index: release them one after the other.',
        ]
      : []),
  ];
}

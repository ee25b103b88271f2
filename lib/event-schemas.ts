import { Stack } from 'aws-cdk-lib';
import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import * as z from 'zod/mini';
import { blogBusEvents, webSocketBusEvents } from '../model/bus-event.ts';
import { eventSource } from '../model/events.ts';

/**
 * A schema registry with the schema of every event of this system, for authors of rules and
 * consumers. It has the stack's name. A schema has the name and the extensions that EventBridge
 * gives a discovered one, and describes the whole event (EventBridge User Guide, "Amazon
 * EventBridge schemas").
 */
export class EventSchemas extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    const registry = new CfnRegistry(this, 'Registry', {
      registryName: stackName,
      description: `The events of ${stackName}`,
    });
    for (const [detailType, event] of Object.entries({ ...blogBusEvents, ...webSocketBusEvents })) {
      const schema = new CfnSchema(this, detailType, {
        registryName: stackName,
        schemaName: `${eventSource}@${detailType}`,
        type: 'JSONSchemaDraft4',
        content: JSON.stringify({
          // The schema of an input allows more fields: a consumer ignores those that it does not
          // know.
          ...z.toJSONSchema(event, { target: 'draft-4', io: 'input' }),
          title: detailType,
          'x-amazon-events-source': eventSource,
          'x-amazon-events-detail-type': detailType,
        }),
      });
      schema.node.addDependency(registry);
    }
  }
}

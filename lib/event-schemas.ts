import { Stack } from 'aws-cdk-lib';
import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import * as z from 'zod/mini';
import { blogBusEvents, webSocketBusEvents } from '../model/bus-event.ts';
import { eventSource } from '../model/events.ts';

/**
 * The schema of every event of this system, in a schema registry that has the stack's name, for whoever writes a rule or
 * a consumer. A schema is called and marked as those that EventBridge discovers are, and describes the whole event
 * (EventBridge User Guide, "Amazon EventBridge schemas").
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
          // As of what is received: whoever reads an event ignores the fields that it does not know.
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

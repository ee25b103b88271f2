import { Stack } from 'aws-cdk-lib';
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { HandlerFunction } from './handler-function.ts';
import { logQueries } from './log-queries.ts';

/**
 * Saves the queries for operators in a folder with the stack's name. They read the logs of all
 * functions that exist when this is created, so it has to be one of the last.
 */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = Stack.of(this);
    const logGroupNames = stack.node
      .findAll()
      .flatMap((part) => (part instanceof HandlerFunction ? [part.logGroup.logGroupName] : []));
    for (const { name, text, parameters = {} } of logQueries)
      new CfnQueryDefinition(this, name.replaceAll(' ', ''), {
        name: `${stack.stackName}/${name}`,
        queryString: text,
        logGroupNames,
        parameters: Object.entries(parameters).map(([name, description]) => ({ name, description })),
      });
  }
}

import { Duration, Validations } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
  TrafficRouting,
} from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { HandlerFunction } from './handler-function.ts';

export interface GradualDeploymentsProps {
  readonly functions: readonly HandlerFunction[];
  /** Returns the alarms that roll back a deployment of the function, besides that of its errors. */
  readonly alarmsOf: (handler: HandlerFunction) => readonly IAlarm[];
}

/**
 * Lets CodeDeploy shift the alias `live` of each function to a new version: a fifth of the
 * invocations each minute, and back to the previous version if an alarm goes off meanwhile.
 * CloudFormation waits for it (CloudFormation Template Reference, "UpdatePolicy attribute",
 * `CodeDeployLambdaAliasUpdate`).
 */
export class GradualDeployments extends Construct {
  constructor(scope: Construct, id: string, { functions, alarmsOf }: GradualDeploymentsProps) {
    super(scope, id);

    const application = new LambdaApplication(this, 'Application');
    const deploymentConfig = new LambdaDeploymentConfig(this, 'FifthEachMinute', {
      trafficRouting: TrafficRouting.timeBasedLinear({ interval: Duration.minutes(1), percentage: 20 }),
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    for (const handler of functions)
      new LambdaDeploymentGroup(this, handler.node.id, {
        application,
        alias: handler.live,
        deploymentConfig,
        role,
        alarms: [handler.errorAlarm, ...alarmsOf(handler)],
      });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      reason: 'The policy that the library attaches. It can change aliases, not code or permissions.',
    });
  }
}

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { temporaryFolder } from 'local-cloud/fixtures/temporary-folder';
import { DeadLetterQueue } from '../../lib/dead-letter-queue.ts';
import { EventConsumer, type EventConsumerProps } from '../../lib/event-consumer.ts';
import { EventRule } from '../../lib/event-rule.ts';
import { HandlerBundles } from '../../lib/handler-bundles.ts';
import { DetailType } from '../../model/events.ts';

const handlers = temporaryFolder();
mkdirSync(path.join(handlers, 'count-posts'));

/** Synthesizes a stack with a consumer in a construct `Counts`. */
function synthesize(propsOf: (scope: Construct) => Partial<EventConsumerProps> = () => ({})): Template {
  const stack = new Stack();
  HandlerBundles.of(stack).setFolder(handlers);
  const counts = new Construct(stack, 'Counts');
  new EventConsumer(counts, 'CountPosts', {
    rule: new EventRule(counts, 'Rule', {
      eventBus: new EventBus(stack, 'Bus'),
      ruleName: 'PostCounting',
      detailType: DetailType.blogPostCreated,
    }),
    handler: 'count-posts',
    timeout: Duration.seconds(10),
    environment: {},
    ...propsOf(counts),
  });
  return Template.fromStack(stack);
}

const template = synthesize();
const arn = (name: string) => ({
  'Fn::GetAtt': [Match.stringLikeRegexp(`^Counts${name}[0-9A-F]{8}$`), 'Arn'],
});
const ref = (name: string) => ({ Ref: Match.stringLikeRegexp(`^Counts${name}[0-9A-F]{8}$`) });

it('receives each event of a detail type from its bus, with the maximum of retries by EventBridge', () => {
  template.hasResourceProperties('AWS::Events::Rule', {
    EventBusName: { Ref: Match.stringLikeRegexp('^Bus') },
    Name: 'PostCounting',
    EventPattern: { source: ['blog'], 'detail-type': ['BlogPostCreated'] },
    Targets: [
      {
        Arn: ref('CountPostsLive'),
        RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
        DeadLetterConfig: { Arn: arn('CountPostsUndelivered') },
      },
    ],
  });
  template.hasResourceProperties('AWS::Lambda::Permission', {
    Principal: 'events.amazonaws.com',
    FunctionName: ref('CountPostsLive'),
    SourceArn: arn('Rule'),
  });
});

it('has a queue for the events on which it fails, and may send to it', () => {
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    FunctionName: ref('CountPosts'),
    Qualifier: { 'Fn::Select': [7, { 'Fn::Split': [':', ref('CountPostsLive')] }] },
    DestinationConfig: { OnFailure: { Destination: arn('CountPostsFailures') } },
    MaximumRetryAttempts: 2,
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    Roles: [ref('CountPostsRole')],
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: 'sqs:SendMessage', Resource: arn('CountPostsFailures') }),
      ]),
    },
  });
});

it('has an alarm for its failures that names the section of the runbook', () => {
  for (const [queue, meaning] of [
    ['CountPostsFailures', 'count-posts has failed for an event at each attempt.'],
  ])
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: `${meaning} What to do: docs/runbook.md#${queue?.toLowerCase()}`,
      Dimensions: [
        {
          Name: 'QueueName',
          Value: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^Counts${queue}`), 'QueueName'] },
        },
      ],
    });
});

it('sends its failures to another queue if one is passed', () => {
  const other = synthesize((scope) => ({ onFailure: new DeadLetterQueue(scope, 'Other', 'It has failed.') }));
  other.resourceCountIs('AWS::SQS::Queue', 2);
  other.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    DestinationConfig: { OnFailure: { Destination: arn('Other') } },
  });
});

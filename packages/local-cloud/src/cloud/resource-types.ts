import * as z from 'zod/mini';
import * as rest from '../services/apigateway/rest-resources.ts';
import * as webSocket from '../services/apigateway/websocket-resources.ts';
import * as cloudFront from '../services/cloudfront/cloudfront-resources.ts';
import { TableResource } from '../services/dynamodb/table-resource.ts';
import { ArchiveResource } from '../services/eventbridge/archive-resource.ts';
import { EventBusResource, RuleResource } from '../services/eventbridge/event-resources.ts';
import * as iam from '../services/iam/iam-resources.ts';
import * as lambda from '../services/lambda/lambda-resources.ts';
import { BucketDeploymentResource, BucketResource } from '../services/s3/bucket-resources.ts';
import { SecretResource } from '../services/secretsmanager/secret-resource.ts';
import { SubscriptionResource, TopicResource } from '../services/sns/topic-resource.ts';
import { QueueResource } from '../services/sqs/queue-resource.ts';
import { type ResourceType, resourceType } from '../template/resource-type.ts';
import { CUSTOM_RESOURCE_PROVIDER } from '../template/template.ts';

const anything = z.record(z.string(), z.unknown());

/** The types without local behavior. The start lists those in the template. */
const NotEmulated = resourceType(anything);

/** Not emulated either, but policies name it. */
const LogGroupResource = resourceType(anything, {
  arn: (name, { region, id }) => `arn:aws:logs:${region}:${id}:log-group:${name}:*`,
});

/** Every resource type that a template can contain. */
export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  'AWS::ApiGateway::Account': NotEmulated,
  'AWS::ApiGateway::Deployment': rest.DeploymentResource,
  'AWS::ApiGateway::GatewayResponse': rest.GatewayResponseResource,
  'AWS::ApiGateway::Method': rest.MethodResource,
  'AWS::ApiGateway::Resource': rest.PathResource,
  'AWS::ApiGateway::RestApi': rest.RestApiResource,
  'AWS::ApiGateway::Stage': rest.RestStageResource,
  'AWS::ApiGatewayV2::Api': webSocket.WebSocketApiResource,
  'AWS::ApiGatewayV2::Integration': webSocket.IntegrationResource,
  'AWS::ApiGatewayV2::Route': webSocket.RouteResource,
  'AWS::ApiGatewayV2::RouteResponse': webSocket.RouteResponseResource,
  'AWS::ApiGatewayV2::Stage': webSocket.WebSocketStageResource,
  'AWS::Budgets::Budget': NotEmulated,
  'AWS::CDK::Metadata': NotEmulated,
  'AWS::CloudFront::Distribution': cloudFront.DistributionResource,
  'AWS::CloudFront::OriginAccessControl': cloudFront.OriginAccessControlResource,
  'AWS::CloudFront::ResponseHeadersPolicy': cloudFront.ResponseHeadersPolicyResource,
  'AWS::CloudWatch::Alarm': NotEmulated,
  'AWS::CloudWatch::CompositeAlarm': NotEmulated,
  'AWS::CloudWatch::Dashboard': NotEmulated,
  'AWS::CodeDeploy::Application': NotEmulated,
  'AWS::CodeDeploy::DeploymentConfig': NotEmulated,
  'AWS::CodeDeploy::DeploymentGroup': NotEmulated,
  'AWS::DynamoDB::Table': TableResource,
  'AWS::EventSchemas::Registry': NotEmulated,
  'AWS::EventSchemas::Schema': NotEmulated,
  'AWS::Events::Archive': ArchiveResource,
  'AWS::Events::EventBus': EventBusResource,
  'AWS::Events::Rule': RuleResource,
  'AWS::IAM::Policy': iam.PolicyResource,
  'AWS::IAM::Role': iam.RoleResource,
  'AWS::Lambda::Alias': lambda.AliasResource,
  'AWS::Lambda::EventInvokeConfig': lambda.EventInvokeConfigResource,
  'AWS::Lambda::EventSourceMapping': lambda.EventSourceMappingResource,
  'AWS::Lambda::Function': lambda.FunctionResource,
  'AWS::Lambda::LayerVersion': NotEmulated,
  'AWS::Lambda::Permission': iam.PermissionResource,
  'AWS::Lambda::Version': lambda.VersionResource,
  'AWS::Logs::LogGroup': LogGroupResource,
  'AWS::Logs::MetricFilter': NotEmulated,
  'AWS::Logs::QueryDefinition': NotEmulated,
  'AWS::S3::Bucket': BucketResource,
  'AWS::S3::BucketPolicy': iam.BucketPolicyResource,
  'AWS::SNS::Subscription': SubscriptionResource,
  'AWS::SNS::Topic': TopicResource,
  'AWS::SNS::TopicPolicy': iam.TopicPolicyResource,
  'AWS::SQS::Queue': QueueResource,
  'AWS::SQS::QueuePolicy': iam.QueuePolicyResource,
  'AWS::SecretsManager::Secret': SecretResource,
  'AWS::WAFv2::WebACL': NotEmulated,
  'AWS::WAFv2::WebACLAssociation': NotEmulated,
  'Custom::CDKBucketDeployment': BucketDeploymentResource,
  'Custom::LogRetention': NotEmulated,
  'Custom::S3AutoDeleteObjects': NotEmulated,
  [CUSTOM_RESOURCE_PROVIDER]: NotEmulated,
};

const onlyInDeployment = 'Custom resources run only during a deployment.';

/** Advice about types that are not supported but are often tried. */
export const hints: Readonly<Record<string, string>> = {
  'AWS::CloudFormation::CustomResource': onlyInDeployment,
  'AWS::CloudFormation::Stack': 'Put the resources into the stack itself.',
  'AWS::DynamoDB::GlobalTable': 'Use the construct Table instead of TableV2.',
  'AWS::IAM::ManagedPolicy': 'Use a Policy, or addToRolePolicy.',
  'AWS::Lambda::Url': 'Call the function by the API operation Invoke or by a REST API.',
  'AWS::Scheduler::Schedule': 'Use a Rule with a schedule.',
  'AWS::StepFunctions::StateMachine': 'Invoke the functions by events.',
  'Custom::*': onlyInDeployment,
  'Custom::S3BucketNotifications': 'Buckets send no notifications.',
};

/** Returns whether the local cloud accepts resources of this type but does nothing with them. */
export function isNotEmulated(type: string): boolean {
  return resourceTypes[type] === NotEmulated || resourceTypes[type] === LogGroupResource;
}

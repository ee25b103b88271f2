/**
 * The service of an `X-Amz-Target` header, by the header's prefix, and the prefix of the service's
 * permissions. SNS uses AWS's query protocol, Lambda a path.
 */
export const targets = {
  AWSEvents: ['events', 'events'],
  AmazonSQS: ['sqs', 'sqs'],
  Comprehend_20171127: ['comprehend', 'comprehend'],
  DynamoDB_20120810: ['dynamodb', 'dynamodb'],
  DynamoDBStreams_20120810: ['dynamodbStreams', 'dynamodb'],
  secretsmanager: ['secretsManager', 'secretsmanager'],
} as const;

/** The services of the query protocol, and the namespaces of their responses. */
export const namespaces: Readonly<Record<string, string>> = {
  cloudformation: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
};

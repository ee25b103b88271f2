import type { PolicyDocument } from './policy-document.ts';

/** The policies of AWS that a role may name, as of the AWS Managed Policy Reference. */
export const managedPolicies: Readonly<Record<string, PolicyDocument>> = {
  // What the CDK gives each function that has no role of its own.
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': {
    Statement: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: ['*'],
      },
    ],
  },
};

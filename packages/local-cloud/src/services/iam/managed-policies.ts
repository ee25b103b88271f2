import type { PolicyDocument } from './policy-document.ts';

/** The managed policies that a role can name, from the AWS Managed Policy Reference. */
export const managedPolicies: Readonly<Record<string, PolicyDocument>> = {
  // The CDK attaches it to each function that is not given a role.
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

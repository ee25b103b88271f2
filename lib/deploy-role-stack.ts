import { Aws, CfnOutput, DefaultStackSynthesizer, Duration, Stack, Validations } from 'aws-cdk-lib';
import { CfnOIDCProvider, PolicyStatement, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** The issuer of the tokens that GitHub gives to the jobs of workflows. */
const issuer = 'token.actions.githubusercontent.com';

/**
 * The roles of `cdk bootstrap` that a deployment of this app assumes. It publishes no images, and looks
 * nothing up.
 */
const bootstrapRoles = ['deploy-role', 'file-publishing-role'];

export interface DeployRoleStackProps {
  /**
   * The repository as the `sub` claim of its tokens names it: `owner/name`, or `owner@id/name@id` with
   * immutable subject claims.
   */
  readonly repository: string;
  /** The environments of the repository that deploy to this account, by the names of their stages. */
  readonly environments: readonly string[];
  /** Whether to create the account's identity provider for GitHub, of which there can be only one. */
  readonly createsProvider: boolean;
}

/**
 * The roles that the workflows of a GitHub repository assume by OpenID Connect, without long-lived
 * keys. Each role trusts the jobs of one environment; that of the diff trusts pull requests, and reads
 * templates alone. Source: GitHub Docs, "Configuring OpenID Connect in Amazon Web Services".
 */
export class DeployRoleStack extends Stack {
  readonly #repository: string;

  constructor(scope: Construct, id: string, props: DeployRoleStackProps) {
    super(scope, id, { description: 'The roles of the workflows that deploy the blog.' });
    this.#repository = props.repository;
    const provider = props.createsProvider
      ? new CfnOIDCProvider(this, 'Provider', {
          url: `https://${issuer}`,
          clientIdList: ['sts.amazonaws.com'],
        }).attrArn
      : `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${issuer}`;

    for (const environment of props.environments) {
      const role = this.#role(provider, `${environment}Role`, `environment:${environment}`);
      role.addToPolicy(
        new PolicyStatement({
          actions: ['sts:AssumeRole'],
          resources: bootstrapRoles.map(
            (name) =>
              `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-` +
              `${name}-${Aws.ACCOUNT_ID}-${Aws.REGION}`,
          ),
        }),
      );
      // The smoke test finds the URLs in the outputs, and removes its post.
      this.#allow(role, ['cloudformation:DescribeStacks'], 'cloudformation', `stack/Blog-${environment}/*`);
      this.#allow(
        role,
        ['dynamodb:GetItem', 'dynamodb:PutItem'],
        'dynamodb',
        `table/Blog-${environment}-PostsTable*`,
      );
    }
    if (props.environments.includes('dev')) {
      const role = this.#role(provider, 'DiffRole', 'pull_request');
      const actions = ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate'];
      this.#allow(role, actions, 'cloudformation', 'stack/Blog-dev/*');
    }
  }

  /** Adds a role for the jobs whose tokens have this subject, and the output of its ARN. */
  #role(provider: string, id: string, subject: string): Role {
    const role = new Role(this, id, {
      assumedBy: new WebIdentityPrincipal(provider, {
        StringEquals: {
          [`${issuer}:aud`]: 'sts.amazonaws.com',
          [`${issuer}:sub`]: `repo:${this.#repository}:${subject}`,
        },
      }),
      maxSessionDuration: Duration.hours(1),
    });
    new CfnOutput(this, `${id}Arn`, { value: role.roleArn });
    return role;
  }

  /** @param resource the resource, whose name ends with what CloudFormation generates */
  #allow(role: Role, actions: string[], service: string, resource: string): void {
    const place = `${Aws.REGION}:${Aws.ACCOUNT_ID}`;
    const resources = [`arn:${Aws.PARTITION}:${service}:${place}:${resource}`];
    role.addToPolicy(new PolicyStatement({ actions, resources }));
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}]`,
      reason: 'The name ends with an ID that CloudFormation generates.',
    });
  }
}

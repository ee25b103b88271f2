import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { BlogRestApi } from '../../lib/blog-rest-api.ts';
import { newPosts } from '../../model/mail-budget.ts';
import { permissionsOf } from './permissions.ts';
import { expectMethod, expectPreflight } from './rest-method.ts';
import { allProperties, properties, resources, textOf } from './stage-template.ts';
import { rates } from './stages.ts';

describe('the REST API', () => {
  const [stage, ...others] = allProperties('AWS::ApiGateway::Stage');

  it('is regional', () => {
    expect(allProperties('AWS::ApiGateway::RestApi')).toEqual([
      expect.objectContaining({ EndpointConfiguration: { Types: ['REGIONAL'] } }),
    ]);
  });

  it('routes POST /posts to its function only', () => {
    expectMethod('POST', '/posts', 'PostApipostsPOST', 'PostApiCreatePost');
  });

  it('is throttled at the configured rate', () => {
    expect(others).toEqual([]);
    expect(stage?.MethodSettings).toEqual([
      expect.objectContaining({
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: rates.restRate,
        ThrottlingBurstLimit: rates.restBurst,
      }),
      expect.objectContaining({
        HttpMethod: 'POST',
        ResourcePath: '/~1posts',
        ThrottlingRateLimit: rates.postRate,
        ThrottlingBurstLimit: rates.postBurst,
      }),
    ]);
  });

  it('logs each request as JSON', () => {
    expect(() => JSON.parse(stage?.AccessLogSetting.Format)).not.toThrow();
    expect(stage?.TracingEnabled).toBe(true);
  });

  it('allows pages of any origin to post and list', () => {
    expectPreflight('PostApipostsOPTIONS', 'GET,POST');
  });
});

it('gives create-post the URL of its own API, which depends on no function', () => {
  const { Environment } = properties('AWS::Lambda::Function', 'PostApiCreatePost');
  expect(textOf(Environment.Variables.POSTS_URL)).toBe(
    'https://<PostApi>.execute-api.<AWS::Region>.<AWS::URLSuffix>/dev/posts',
  );
  // Otherwise, CloudFormation would refuse the circular dependency.
  const { PostApi } = resources('AWS::ApiGateway::RestApi');
  expect(JSON.stringify(PostApi)).not.toMatch(/"(Ref|Fn::GetAtt|Fn::Sub|DependsOn)"/);
});

it.each([
  [newPosts, []],
  [
    { rate: newPosts.rate + 1, burst: newPosts.burst },
    [expect.stringContaining('up to 7 posts in a second')],
  ],
  [
    { rate: newPosts.rate, burst: newPosts.burst + 1 },
    [expect.stringContaining('up to 7 posts in a second')],
  ],
])('warns about more new posts in a second than its subscribers can receive: %j', (posts, warnings) => {
  const stack = new Stack();
  new BlogRestApi(stack, 'Api', { stage: 'dev', rate: 20, burst: 40, newPosts: posts }).root.addMethod('GET');
  const found = Annotations.fromStack(stack).findWarning('*', Match.anyValue());
  expect(found.map(({ entry }) => entry.data)).toEqual(warnings);
});

it('grants create-post exactly the permissions that it needs', () => {
  expect(permissionsOf('create-post')).toEqual([
    'dynamodb:PutItem <PostsTable.Arn>',
    'dynamodb:UpdateItem <PostsTable.Arn>',
    'events:PutEvents <BlogBus.Arn>',
  ]);
});

import { permissionsOf } from './permissions.ts';
import { expectMethod, expectPreflight } from './rest-method.ts';
import { allProperties } from './stage-template.ts';
import { rates } from './stages.ts';

describe('the REST API', () => {
  const [stage, ...others] = allProperties('AWS::ApiGateway::Stage');

  it('is regional', () => {
    expect(allProperties('AWS::ApiGateway::RestApi')).toEqual([
      expect.objectContaining({ EndpointConfiguration: { Types: ['REGIONAL'] } }),
    ]);
  });

  it('gives POST /posts to its function, and to nobody else', () => {
    expectMethod('POST', '/posts', 'PostApipostsPOST', 'PostApiCreatePost');
  });

  it('is throttled as told', () => {
    expect(others).toEqual([]);
    expect(stage?.MethodSettings).toEqual([
      expect.objectContaining({
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: rates.restRate,
        ThrottlingBurstLimit: rates.restBurst,
      }),
    ]);
  });

  it('logs each request as JSON', () => {
    expect(() => JSON.parse(stage?.AccessLogSetting.Format)).not.toThrow();
    expect(stage?.TracingEnabled).toBe(true);
  });

  it('lets pages of any origin post and list', () => {
    expectPreflight('PostApipostsOPTIONS', 'GET,POST');
  });
});

it('lets create-post do what it does, on that resource, and nothing else', () => {
  expect(permissionsOf('create-post')).toEqual([
    'dynamodb:PutItem <PostsTable.Arn>',
    'dynamodb:UpdateItem <PostsTable.Arn>',
    'events:PutEvents <BlogBus.Arn>',
  ]);
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { resourceTypes } from '../../../src/cloud/resource-types.ts';
import { listen, portOf, serve } from '../../../src/http/http-server.ts';
import { type Distribution, distributionOf } from '../../../src/services/cloudfront/distribution.ts';
import { Authorizer } from '../../../src/services/iam/authorizer.ts';
import { Template } from '../../../src/template/template.ts';
import { account, writeAssembly } from '../../fixtures/assembly.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const folder = temporaryFolder();

const distribution = (config: object = {}) => ({
  Type: 'AWS::CloudFront::Distribution',
  Properties: {
    DistributionConfig: {
      CustomErrorResponses: [{ ErrorCode: 403, ResponseCode: 200, ResponsePagePath: '/index.html' }],
      DefaultCacheBehavior: {
        CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
        ResponseHeadersPolicyId: { Ref: 'Headers' },
        TargetOriginId: 'bucket',
        ViewerProtocolPolicy: 'redirect-to-https',
      },
      DefaultRootObject: 'index.html',
      Enabled: true,
      Origins: [
        {
          DomainName: { 'Fn::GetAtt': ['Bucket', 'RegionalDomainName'] },
          Id: 'bucket',
          OriginAccessControlId: { 'Fn::GetAtt': ['AccessControl', 'Id'] },
          S3OriginConfig: { OriginAccessIdentity: '' },
        },
      ],
      ...config,
    },
  },
});

const bucketArn = { 'Fn::GetAtt': ['Bucket', 'Arn'] };
const objectArn = { 'Fn::Join': ['', [bucketArn, '/*']] };
const cloudFrontMay = (Action: string, Resource: object, distributionId: unknown = { Ref: 'Page' }) => ({
  Effect: 'Allow',
  Principal: { Service: 'cloudfront.amazonaws.com' },
  Action,
  Resource,
  Condition: {
    StringEquals: {
      'AWS:SourceArn': {
        'Fn::Join': [
          '',
          ['arn:aws:cloudfront::', { Ref: 'AWS::AccountId' }, ':distribution/', distributionId],
        ],
      },
    },
  },
});
const bucketPolicy = (...Statement: object[]) => ({
  Type: 'AWS::S3::BucketPolicy',
  Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: { Statement } },
});

/** Returns a page with its configuration, and the other resources of the template. */
function open(resources: Record<string, object | undefined> = {}) {
  const Resources = {
    Bucket: { Type: 'AWS::S3::Bucket', Metadata: { 'aws:cdk:path': 'App/Bucket' } },
    Policy: bucketPolicy(cloudFrontMay('s3:GetObject', objectArn)),
    AccessControl: {
      Type: 'AWS::CloudFront::OriginAccessControl',
      Properties: {
        OriginAccessControlConfig: {
          Name: 'access',
          OriginAccessControlOriginType: 's3',
          SigningBehavior: 'always',
          SigningProtocol: 'sigv4',
        },
      },
    },
    Headers: {
      Type: 'AWS::CloudFront::ResponseHeadersPolicy',
      Properties: {
        ResponseHeadersPolicyConfig: {
          Name: 'headers',
          SecurityHeadersConfig: {
            ContentSecurityPolicy: { ContentSecurityPolicy: 'connect-src https://api', Override: true },
            ContentTypeOptions: { Override: true },
            FrameOptions: { FrameOption: 'DENY', Override: true },
            ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
            StrictTransportSecurity: {
              AccessControlMaxAgeSec: 600,
              IncludeSubdomains: true,
              Override: true,
            },
          },
        },
      },
    },
    Page: distribution(),
    Deployment: {
      Type: 'Custom::CDKBucketDeployment',
      Properties: {
        ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] },
        SourceBucketNames: ['assets', 'assets'],
        SourceObjectKeys: ['page.zip', 'config.zip'],
        SourceMarkers: [{}, { '<<marker>>': '"https://api"' }],
        DestinationBucketName: { Ref: 'Bucket' },
        SystemMetadata: { 'cache-control': 'no-cache' },
      },
    },
    Provider: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'python3.13' } },
    ...resources,
  };
  const assembly = writeAssembly(folder, { Resources }, { page: '', config: '' });
  mkdirSync(join(assembly, 'asset.page', 'img'));
  writeFileSync(join(assembly, 'asset.page', 'index.html'), '<h1>Blog</h1>');
  writeFileSync(join(assembly, 'asset.page', 'main.js'), 'start("<<marker>>")');
  writeFileSync(join(assembly, 'asset.page', 'img', 'a b.svg'), '<svg/>');
  writeFileSync(join(assembly, 'asset.config', 'config.json'), '{"apiUrl":<<marker>>}');
  const template = new Template(assembly, account, resourceTypes);
  const log = new RecordedLog();
  const localize = (value: string) => value.replace('https://api', 'http://localhost:3000');
  const authorizer = new Authorizer(template, { account, log });
  const page = distributionOf(template, {
    allowsService: authorizer.allowsService.bind(authorizer),
    authorizeService: authorizer.authorizeService.bind(authorizer),
    localize,
  });
  return { log, page };
}

let server: Server;
let page: Distribution | undefined;
beforeAll(async () => {
  server = await listen(0);
  serve(server, async (request, response) => page?.handle(request, response));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  page = open().page;
});

/** Requests a path unchanged, unlike `fetch`, which normalizes paths. */
async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const request = httpRequest({ host: '127.0.0.1', port: portOf(server), path, headers, method });
  const response = await new Promise<Parameters<typeof text>[0] & { statusCode?: number; headers: object }>(
    (resolve, reject) => request.on('response', resolve).on('error', reject).end(),
  );
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const securityHeaders = {
  'content-security-policy': 'connect-src http://localhost:3000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=600; includeSubDomains',
};

it.each([
  ['/', 'text/html', '<h1>Blog</h1>'],
  ['/index.html?a=1', 'text/html', '<h1>Blog</h1>'],
  ['/main.js', 'text/javascript', 'start("<<marker>>")'],
  ['/img/a%20b.svg', 'image/svg+xml', '<svg/>'],
  ['/config.json', 'application/json', '{"apiUrl":"http://localhost:3000"}'],
  ['/page.mjs', 'binary/octet-stream', ''],
])('serves %s from the bucket', async (path, type, body) => {
  expect(await get(path)).toEqual({
    status: 200,
    headers: expect.objectContaining({
      'content-type': type,
      'cache-control': 'no-cache',
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      ...securityHeaders,
    }),
    body,
  });
});

it('serves the error page, with its headers, for a path without an object', async () => {
  const index = await get('/');
  const { status, headers, body } = await get('/p/01890a5d-ac96-774b-bcce-b302099a8057');
  expect({ status, body }).toEqual({ status: 200, body: index.body });
  expect(headers).toMatchObject(securityHeaders);
});

it('serves nothing outside of the bucket, whatever the path', async () => {
  const part = fc.constantFrom('..', '/', '%2e%2e', '%2F', '%5c', '\\', '%00', 'etc', 'asset.page', '?', '%');
  await fc.assert(
    fc.asyncProperty(fc.array(part), async (parts) => {
      const { status, body } = await get(`/${parts.join('')}`);
      expect([
        [200, '<h1>Blog</h1>'],
        [400, 'The path is not valid.\n'],
      ]).toContainEqual([status, body]);
    }),
  );
});

it('returns 304 if the copy of the browser is current', async () => {
  const { headers } = await get('/main.js');
  const { etag } = { etag: '', ...headers };
  for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    expect(await get('/main.js', { 'If-None-Match': condition })).toEqual({
      status: 304,
      headers: expect.objectContaining({ etag, 'cache-control': 'no-cache', ...securityHeaders }),
      body: '',
    });
  }
  expect(await get('/main.js', { 'If-None-Match': '"other"' })).toMatchObject({ status: 200 });
});

it('answers HEAD without the body, and no other method', async () => {
  expect(await get('/main.js', {}, 'HEAD')).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/javascript', 'content-length': '19' },
    body: '',
  });
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    expect(await get('/main.js', {}, method)).toMatchObject({ status: 403 });
  }
});

it('serves objects that are put into the bucket later', async () => {
  writeFileSync(join(folder, 'index.html'), '<h1>New</h1>');
  page?.bucket.put(folder);
  expect(await get('/')).toMatchObject({ body: '<h1>New</h1>' });
  expect(await get('/config.json')).toMatchObject({ body: '{"apiUrl":"http://localhost:3000"}' });
});

it.each([
  ['without a policy', undefined],
  ['for another distribution', bucketPolicy(cloudFrontMay('s3:GetObject', objectArn, 'E0'))],
  ['for the bucket but not its objects', bucketPolicy(cloudFrontMay('s3:GetObject', bucketArn))],
  [
    'that denies it',
    bucketPolicy(cloudFrontMay('s3:GetObject', objectArn), {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: objectArn,
    }),
  ],
])('may not read a bucket %s, and logs it', async (_what, Policy) => {
  const opened = open({ Policy: Policy ?? { Type: 'AWS::CDK::Metadata' } });
  page = opened.page;
  expect(await get('/')).toMatchObject({ status: 403, body: expect.stringContaining('AccessDenied') });
  expect(opened.log.errors[0]).toMatch(
    /^iam: App\/Bucket: User: cloudfront.amazonaws.com is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::stack-bucket\/index.html /,
  );
});

it('gets 404 for a missing object if it may list the bucket, without the page for 403', async () => {
  page = open({
    Policy: bucketPolicy(cloudFrontMay('s3:GetObject', objectArn), cloudFrontMay('s3:ListBucket', bucketArn)),
  }).page;
  expect(await get('/p/1')).toMatchObject({ status: 404, body: expect.stringContaining('NoSuchKey') });
});

it('returns the error if the distribution has no page for it', async () => {
  page = open({ Page: distribution({ CustomErrorResponses: [] }) }).page;
  expect(await get('/p/1')).toMatchObject({ status: 403, body: expect.stringContaining('AccessDenied') });
});

it.each([
  ['a second distribution', { Second: distribution() }, 'Second: a second distribution is not supported.'],
  [
    'an unknown origin',
    { Page: distribution({ Origins: [] }) },
    'Page: the origin must be a bucket of the template.',
  ],
  [
    'another origin than a bucket',
    {
      Page: distribution({
        Origins: [
          {
            DomainName: 'example.com',
            Id: 'bucket',
            OriginAccessControlId: 'a',
            S3OriginConfig: { OriginAccessIdentity: '' },
          },
        ],
      }),
    },
    'DistributionConfig.Origins.0.DomainName "example.com": only buckets are supported.',
  ],
  [
    'a second deployment',
    {
      Second: {
        Type: 'Custom::CDKBucketDeployment',
        Properties: {
          ServiceToken: 'token',
          SourceBucketNames: [],
          SourceObjectKeys: [],
          DestinationBucketName: { Ref: 'Bucket' },
        },
      },
    },
    'Second: arn:aws:s3:::stack-bucket already has a deployment; only one is supported.',
  ],
])('does not start with %s', (_what, resources, message) => {
  expect(() => open(resources)).toThrow(message);
});

it('is undefined without a distribution', () => {
  const nothing = { Type: 'AWS::CDK::Metadata' };
  expect(open({ Page: nothing, Policy: nothing }).page).toBeUndefined();
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { temporaryFolder } from 'local-cloud/fixtures/temporary-folder';
import { WebPage } from '../../lib/web-page.ts';

const folder = temporaryFolder();
const bundle = path.join(folder, 'web');
mkdirSync(bundle);
writeFileSync(path.join(bundle, 'index.html'), '<!doctype html>');

const outdir = path.join(folder, 'assembly');
const stack = new Stack(new App({ analyticsReporting: false, outdir }), 'Stack');
const page = new WebPage(stack, 'WebPage', {
  bundle,
  apiUrl: 'https://api.example.com/dev',
  webSocketUrl: 'wss://socket.example.com/dev',
});
const template = Template.fromStack(stack);

/** Returns the properties of the only resource of a type. */
function properties(type: string) {
  const [resource, ...others] = Object.values(template.findResources(type));
  expect(others).toEqual([]);
  return resource?.Properties;
}

const bucketArn = { 'Fn::GetAtt': [expect.stringMatching('WebPageBucket'), 'Arn'] };

it('keeps the page in a private bucket', () => {
  expect(properties('AWS::S3::Bucket')).toMatchObject({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
});

it('admits, by TLS only, CloudFront for this distribution and the function that empties the bucket', () => {
  const { Statement } = properties('AWS::S3::BucketPolicy').PolicyDocument;
  expect(Statement).toEqual([
    expect.objectContaining({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
    expect.objectContaining({
      Effect: 'Allow',
      Principal: { AWS: { 'Fn::GetAtt': [expect.stringMatching('S3AutoDeleteObjects'), 'Arn'] } },
    }),
    {
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Action: 's3:GetObject',
      Resource: { 'Fn::Join': ['', [bucketArn, '/*']] },
      Condition: {
        StringEquals: {
          'AWS:SourceArn': {
            'Fn::Join': [
              '',
              expect.arrayContaining([
                ':distribution/',
                { Ref: expect.stringMatching('WebPageDistribution') },
              ]),
            ],
          },
        },
      },
    },
  ]);
});

it('deletes the bucket with the stack', () => {
  template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  template.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
});

it('distributes it by HTTPS, compressed, and serves index.html for a path without a file', () => {
  expect(properties('AWS::CloudFront::Distribution').DistributionConfig).toMatchObject({
    DefaultRootObject: 'index.html',
    HttpVersion: 'http2and3',
    CustomErrorResponses: [
      { ErrorCode: 403, ResponseCode: 200, ResponsePagePath: '/index.html', ErrorCachingMinTTL: 1 },
    ],
    DefaultCacheBehavior: {
      Compress: true,
      ViewerProtocolPolicy: 'redirect-to-https',
      ResponseHeadersPolicyId: { Ref: expect.stringMatching('WebPageHeaders') },
    },
    Origins: [
      {
        DomainName: { 'Fn::GetAtt': [bucketArn['Fn::GetAtt'][0], 'RegionalDomainName'] },
        OriginAccessControlId: { 'Fn::GetAtt': [expect.stringMatching('WebPageAccessControl'), 'Id'] },
        S3OriginConfig: { OriginAccessIdentity: '' },
      },
    ],
  });
  expect(stack.resolve(page.url)).toEqual({
    'Fn::Join': [
      '',
      ['https://', { 'Fn::GetAtt': [expect.stringMatching('WebPageDistribution'), 'DomainName'] }],
    ],
  });
});

it('limits the page to its own scripts and to the two APIs', () => {
  const config = properties('AWS::CloudFront::ResponseHeadersPolicy').ResponseHeadersPolicyConfig;
  expect(config.SecurityHeadersConfig).toEqual({
    ContentSecurityPolicy: {
      ContentSecurityPolicy: [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self' https://api.example.com wss://socket.example.com",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
      ].join('; '),
      Override: true,
    },
    ContentTypeOptions: { Override: true },
    FrameOptions: { FrameOption: 'DENY', Override: true },
    ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
    StrictTransportSecurity: { AccessControlMaxAgeSec: 63_072_000, IncludeSubdomains: true, Override: true },
  });
});

it('deploys the bundle and the URLs of the APIs, to be revalidated on each request', () => {
  const { SourceObjectKeys, SourceMarkers, ...deployment } = properties('Custom::CDKBucketDeployment');
  expect(deployment).toMatchObject({
    DestinationBucketName: { Ref: expect.stringMatching('WebPageBucket') },
    Prune: true,
    SystemMetadata: { 'cache-control': 'no-cache' },
  });
  const { files } = JSON.parse(readFileSync(path.join(outdir, 'Stack.assets.json'), 'utf8'));
  const [bundled, configured] = SourceObjectKeys.map((key: string) =>
    path.join(outdir, files[path.parse(key).name].source.path),
  );
  expect(readFileSync(path.join(bundled, 'index.html'), 'utf8')).toBe('<!doctype html>');
  expect(JSON.parse(readFileSync(path.join(configured, 'config.json'), 'utf8'))).toEqual({
    apiUrl: 'https://api.example.com/dev',
    webSocketUrl: 'wss://socket.example.com/dev',
  });
});

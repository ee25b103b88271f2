import { Aws, Duration, Fn, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';

export interface WebPageProps {
  /** The folder of the page's bundle, with `index.html` at its top. */
  readonly bundle: string;
  /** Of the REST API, without a slash at its end. */
  readonly apiUrl: string;
  /** Of the WebSocket API. */
  readonly webSocketUrl: string;
}

/**
 * The web page on an origin of its own: a private bucket behind CloudFront, which alone may read it. The page finds the
 * URLs of the two APIs in `/config.json`, `{"apiUrl", "webSocketUrl"}`, and may talk to their origins and to no others. A
 * path that names no file, e.g. `/p/<id>`, shows `index.html`.
 */
export class WebPage extends Construct {
  /** Without a slash at its end. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: WebPageProps) {
    super(scope, id);

    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // It holds what the next deployment makes again.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'CloudFront alone reads the bucket, and the deployment writes what the repository has.',
    });
    const distribution = this.#distribute(bucket, props);
    this.#deploy(bucket, props);
    this.url = `https://${distribution.distributionDomainName}`;
  }

  #distribute(bucket: Bucket, props: WebPageProps): Distribution {
    // CloudFront knows no regions: a stage in another one must not have the same names.
    const name = `${Stack.of(this).stackName}-${Aws.REGION}`;
    const distribution = new Distribution(this, 'Distribution', {
      comment: `The web page of ${name}`,
      defaultRootObject: 'index.html',
      // S3 answers 403 for an object that is not there to those who may not list the bucket
      // (Amazon S3 API Reference, "GetObject").
      errorResponses: [
        {
          httpStatus: 403,
          responseHttpStatus: 200,
          responsePagePath: '/index.html',
          ttl: Duration.seconds(1),
        },
      ],
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket, {
          originAccessControl: new S3OriginAccessControl(this, 'AccessControl', {
            originAccessControlName: name,
          }),
        }),
        // Keeps what says `no-cache` for 1 s (CloudFront Developer Guide, "Use managed cache policies").
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: true,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: this.#headers(name, props),
      },
    });
    Validations.of(distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'Anybody may read, anywhere.' },
      { id: 'AwsSolutions-CFR2', reason: 'Costs by the month, and these are public files.' },
      {
        id: 'AwsSolutions-CFR3',
        reason: 'Who loads the page is not of interest; what they ask of the APIs is in the logs of these.',
      },
      {
        id: 'AwsSolutions-CFR4',
        reason: 'The minimum of the default certificate. A higher one takes a domain name of its own.',
      },
    );
    return distribution;
  }

  #headers(name: string, { apiUrl, webSocketUrl }: WebPageProps): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyName: name,
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            `connect-src 'self' https://${hostOf(apiUrl)} wss://${hostOf(webSocketUrl)}`,
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
          ].join('; '),
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(730),
          includeSubdomains: true,
          override: true,
        },
      },
    });
  }

  #deploy(bucket: Bucket, { bundle, apiUrl, webSocketUrl }: WebPageProps): void {
    const deployment = new BucketDeployment(this, 'Deployment', {
      sources: [Source.asset(bundle), Source.jsonData('config.json', { apiUrl, webSocketUrl })],
      destinationBucket: bucket,
      // A browser asks each time whether what it has is still right, so that a deployment is seen at once.
      cacheControl: [CacheControl.noCache()],
      logGroup: new LogGroup(this, 'DeploymentLogs', { retention: RetentionDays.ONE_MONTH }),
    });
    // The library's function that copies the bundle. Its role and policy are below it.
    Validations.of(deployment.handlerRole.node.scope ?? deployment).acknowledge(
      { id: 'AwsSolutions-L1', reason: 'The library chooses the runtime.' },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
        reason: 'The policy by which the library lets it log.',
      },
      ...[
        'Action::s3:Abort*',
        'Action::s3:DeleteObject*',
        'Action::s3:GetBucket*',
        'Action::s3:GetObject*',
        'Action::s3:List*',
        'Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*',
        'Resource::<WebPageBucketEC31EC67.Arn>/*',
      ].map((grant) => ({
        id: `AwsSolutions-IAM5[${grant}]`,
        reason: 'What the library grants: to read the assets, and to replace the objects of this bucket.',
      })),
    );
  }
}

/** The host of a URL that is known at the deploy only. */
function hostOf(url: string): string {
  return Fn.select(2, Fn.split('/', url));
}

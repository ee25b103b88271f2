import { Aws, CfnResource, Duration, Fn, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
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
  /** The URL of the REST API, without a slash at the end. */
  readonly apiUrl: string;
  /** The URL of the WebSocket API. */
  readonly webSocketUrl: string;
}

/**
 * The web page on a separate origin: a private bucket that only CloudFront may read. The page finds
 * the URLs of the two APIs in `/config.json`, `{"apiUrl", "webSocketUrl"}`, and may call no other
 * origins. A path that names no file, e.g. `/p/<id>`, shows `index.html`.
 */
export class WebPage extends Construct {
  /** The URL of the page, without a slash at the end. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: WebPageProps) {
    super(scope, id);

    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // A deployment creates all of its objects again.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    this.#logDeletions();
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'CloudFront alone reads the bucket, and the deployment writes what the repository has.',
    });
    const distribution = this.#distribute(bucket, props);
    this.#deploy(bucket, props);
    this.url = `https://${distribution.distributionDomainName}`;
  }

  /**
   * Gives the library's function that empties the bucket a log group of the stack. Lambda would
   * otherwise create one that never expires and that outlives the stack.
   */
  #logDeletions(): void {
    const provider = Stack.of(this).node.findChild('Custom::S3AutoDeleteObjectsCustomResourceProvider');
    const handler = provider.node.findChild('Handler');
    if (!CfnResource.isCfnResource(handler)) throw new Error(`${handler.node.path} is not a resource.`);
    const { logGroupName } = new LogGroup(this, 'DeletionLogs', { retention: RetentionDays.ONE_MONTH });
    handler.addPropertyOverride('LoggingConfig', { LogGroup: logGroupName });
  }

  #distribute(bucket: Bucket, props: WebPageProps): Distribution {
    // Names in CloudFront are global, so stages in two regions need different ones.
    const name = `${Stack.of(this).stackName}-${Aws.REGION}`;
    const distribution = new Distribution(this, 'Distribution', {
      comment: `The web page of ${name}`,
      defaultRootObject: 'index.html',
      // S3 answers 403 for a missing object if the caller may not list the bucket (Amazon S3 API
      // Reference, "GetObject").
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
        // Caches responses with `no-cache` for 1 s (CloudFront Developer Guide, "Use managed cache
        // policies").
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: true,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: this.#headers(name, props),
      },
    });
    Validations.of(distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'Anybody may read, anywhere.' },
      { id: 'AwsSolutions-CFR2', reason: 'WAF has a monthly charge, and these are public files.' },
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
      // Browsers revalidate each time, so that they see a deployment immediately.
      cacheControl: [CacheControl.noCache()],
      logGroup: new LogGroup(this, 'DeploymentLogs', { retention: RetentionDays.ONE_MONTH }),
    });
    // The library's function that copies the bundle. Its role and policy are its children.
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

/** Returns the host of a URL that is known only at deployment. */
function hostOf(url: string): string {
  return Fn.select(2, Fn.split('/', url));
}

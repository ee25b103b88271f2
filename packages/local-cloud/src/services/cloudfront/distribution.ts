import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as z from 'zod/mini';
import { AwsError } from '../../core/service.ts';
import type { Resource } from '../../template/resource.ts';
import { type Template, TemplateError } from '../../template/template.ts';
import { Bucket, type BucketServices, type S3Object } from '../s3/bucket.ts';
import { BucketResource } from '../s3/bucket-resources.ts';
import { DistributionResource, ResponseHeadersPolicyResource } from './cloudfront-resources.ts';
import { responseHeaders } from './response-headers.ts';

type DistributionProperties = z.infer<typeof DistributionResource.properties>;
type DistributionConfig = DistributionProperties['DistributionConfig'];

interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer | string;
}

/**
 * Returns the template's distribution, if it has one.
 * @throws {TemplateError} if it has several distributions, or one whose origin is not a bucket of
 * the template
 */
export function distributionOf(template: Template, services: BucketServices): Distribution | undefined {
  const [resource, second] = template.resources(DistributionResource);
  if (second) throw new TemplateError(`${second.logicalId}: a second distribution is not supported.`);
  return resource && new Distribution(resource, template, services);
}

/**
 * A CloudFront distribution that answers from its bucket, like an edge location with an empty
 * cache.
 * Source: Amazon CloudFront Developer Guide, "Request and response behavior for Amazon S3 origins",
 * "Specify a default root object", "Generate custom error responses".
 */
export class Distribution {
  readonly bucket: Bucket;
  readonly #arn: string;
  readonly #config: DistributionConfig;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    { arn, logicalId, properties }: Resource<DistributionProperties>,
    template: Template,
    services: BucketServices,
  ) {
    this.#arn = arn;
    this.#config = properties.DistributionConfig;
    const { ResponseHeadersPolicyId, TargetOriginId } = this.#config.DefaultCacheBehavior;
    const origin = this.#config.Origins.find(({ Id }) => Id === TargetOriginId);
    const bucket = template
      .resources(BucketResource)
      .find(({ name }) => origin?.DomainName.startsWith(`${name}.s3.`));
    if (!bucket) throw new TemplateError(`${logicalId}: the origin must be a bucket of the template.`);
    this.bucket = new Bucket(bucket, template, services);
    const policy = template
      .resources(ResponseHeadersPolicyResource)
      .find(({ name }) => name === ResponseHeadersPolicyId);
    const headers = policy ? Object.entries(responseHeaders(policy.properties)) : [];
    this.#headers = Object.fromEntries(headers.map(([name, value]) => [name, services.localize(value)]));
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const { status, headers, body } = this.#answer(request);
    // A 304 has no body, so a length would be wrong.
    if (status !== 304) response.setHeader('Content-Length', Buffer.byteLength(body));
    response.writeHead(status, headers);
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  #answer({ headers, method, url = '' }: IncomingMessage): Answer {
    // The default methods of a distribution.
    if (method !== 'GET' && method !== 'HEAD') return refusal(403, 'Only GET and HEAD are allowed.');
    const key = keyOf(url);
    if (key === undefined) return refusal(400, 'The path is not valid.');
    try {
      const object = this.#getObject(key || this.#config.DefaultRootObject);
      const unchanged = matches(headers['if-none-match'], object.headers.ETag);
      return unchanged ? this.#found(304, { ...object, body: '' }) : this.#found(200, object);
    } catch (error) {
      if (error instanceof AwsError) return this.#errorResponse(error);
      throw error;
    }
  }

  /**
   * Returns the custom error page for an error of S3. Without such a page, or if S3 refuses it too,
   * returns the error.
   */
  #errorResponse(error: AwsError): Answer {
    const custom = this.#config.CustomErrorResponses.find(({ ErrorCode }) => ErrorCode === error.status);
    try {
      if (custom) return this.#found(custom.ResponseCode, this.#getObject(custom.ResponsePagePath.slice(1)));
    } catch (second) {
      if (!(second instanceof AwsError)) throw second;
    }
    return refusal(error.status, `${error.code}: ${error.message}`);
  }

  #getObject(key: string): S3Object {
    return this.bucket.getObject(key, { service: 'cloudfront.amazonaws.com', sourceArn: this.#arn });
  }

  #found(status: number, { body, headers }: Pick<Answer, 'body' | 'headers'>): Answer {
    return { status, headers: { ...headers, ...this.#headers }, body };
  }
}

function refusal(status: number, message: string): Answer {
  return { status, headers: { 'Content-Type': 'text/plain' }, body: `${message}\n` };
}

/** Returns the key of the object at a URL; `undefined` if the URL is malformed. */
function keyOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.replace(/^\/|\?.*$/gs, ''));
  } catch {
    return undefined;
  }
}

/**
 * Returns whether an `If-None-Match` contains the tag, weak or strong, or is `*` (RFC 9110, section
 * 13.1.2).
 */
function matches(condition: string | undefined, tag: string): boolean {
  const tags = condition?.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return tags?.some((one) => one === '*' || one === tag) ?? false;
}

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { AwsError } from '../../core/service.ts';
import type { Resource } from '../../template/resource.ts';
import { type Template, TemplateError } from '../../template/template.ts';
import { BucketDeploymentResource } from './bucket-resources.ts';

/** An object as `GetObject` gives it. */
export interface S3Object {
  body: Buffer;
  /** With what metadata the deployment gives it. */
  headers: Readonly<{ 'Content-Type': string; ETag: string; 'Cache-Control'?: string }>;
}

/** An AWS service that reads a bucket on behalf of a resource. */
export interface Reader {
  /** E.g. `cloudfront.amazonaws.com`. */
  service: string;
  sourceArn: string;
}

/** As `aws s3 sync` guesses them, without a character set; S3's own default is the last. */
const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.ico': 'image/vnd.microsoft.icon',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
};
const OTHER_CONTENT_TYPE = 'binary/octet-stream';

export interface BucketServices {
  /** Returns whether the policy of the resource allows the action to the service. */
  allowsService: (service: string, action: string, resource: string, sourceArn: string) => boolean;
  /** Throws an `AwsError` unless the policy of the resource allows the action to the service. */
  authorizeService: (service: string, action: string, resource: string, sourceArn: string) => void;
  /** Replaces the URLs of AWS with those of this machine in a value that only a deployment knows. */
  localize: (value: string) => string;
}

/** A bucket, with what the template's bucket deployment puts into it. */
export class Bucket {
  readonly #arn: string;
  readonly #services: BucketServices;
  readonly #metadata: Readonly<{ 'Cache-Control'?: string }>;
  readonly #objects = new Map<string, S3Object>();

  /** @throws {TemplateError} when the bucket has two deployments, of which one deletes what the other puts there */
  constructor({ arn, name }: Resource<unknown>, template: Template, services: BucketServices) {
    this.#arn = arn;
    this.#services = services;
    const [deployment, second] = template
      .resources(BucketDeploymentResource)
      .filter(({ properties }) => properties.DestinationBucketName === name);
    if (second) throw new TemplateError(`${second.logicalId}: ${arn} has a deployment already.`);
    const {
      SourceMarkers = [],
      SourceObjectKeys = [],
      SystemMetadata: { 'cache-control': cacheControl } = {},
    } = deployment?.properties ?? {};
    this.#metadata = cacheControl === undefined ? {} : { 'Cache-Control': cacheControl };
    for (const [index, objectKey] of SourceObjectKeys.entries()) {
      const markers = Object.entries(SourceMarkers[index] ?? {});
      const localized = markers.map(([marker, value]) => [marker, services.localize(value)] as const);
      this.put(template.asset(objectKey), localized);
    }
  }

  /**
   * Puts the files of a folder into the bucket, each under its path below the folder.
   * @param markers what stands in the files for what is known at the deploy only, with its value
   */
  put(folder: string, markers: readonly (readonly [marker: string, value: string])[] = []): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      let body = readFileSync(file);
      for (const [marker, value] of markers) {
        body = Buffer.from(body.toString('utf8').replaceAll(marker, () => value));
      }
      this.#objects.set(relative(folder, file).split(sep).join('/'), {
        body,
        headers: {
          'Content-Type': contentTypes[extname(file)] ?? OTHER_CONTENT_TYPE,
          ETag: `"${createHash('md5').update(body).digest('hex')}"`,
          ...this.#metadata,
        },
      });
    }
  }

  /**
   * Answers `GetObject`. A missing object is `AccessDenied` to a reader that may not list the bucket.
   * Source: Amazon S3 API Reference, "GetObject", "Permissions".
   * @throws {AwsError} `AccessDenied` (403), `NoSuchKey` (404)
   */
  getObject(key: string, { service, sourceArn }: Reader): S3Object {
    const { allowsService, authorizeService } = this.#services;
    authorizeService(service, 's3:GetObject', `${this.#arn}/${key}`, sourceArn);
    const object = this.#objects.get(key);
    if (object) return object;
    if (allowsService(service, 's3:ListBucket', this.#arn, sourceArn))
      throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    throw new AwsError('AccessDenied', 'Access Denied', 403);
  }
}

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { AwsError } from '../../core/service.ts';
import type { Resource } from '../../template/resource.ts';
import { type Template, TemplateError } from '../../template/template.ts';
import { BucketDeploymentResource } from './bucket-resources.ts';

/** An object, as `GetObject` returns it. */
export interface S3Object {
  body: Buffer;
  /** The metadata that the deployment sets. */
  headers: Readonly<{ 'Content-Type': string; ETag: string; 'Cache-Control'?: string }>;
}

/** An AWS service that reads a bucket on behalf of a resource. */
export interface Reader {
  /** E.g. `cloudfront.amazonaws.com`. */
  service: string;
  sourceArn: string;
}

/** The types that `aws s3 sync` guesses, without a character set; the last one is S3's default. */
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
  /**
   * Throws an `AwsError` unless the policy of the resource allows the service to perform the
   * action.
   */
  authorizeService: (service: string, action: string, resource: string, sourceArn: string) => void;
  /**
   * Replaces the URLs of AWS with those of this machine in a value that is known only at the
   * deployment.
   */
  localize: (value: string) => string;
}

/** A bucket, filled by the template's bucket deployment. */
export class Bucket {
  readonly #arn: string;
  readonly #services: BucketServices;
  readonly #metadata: Readonly<{ 'Cache-Control'?: string }>;
  readonly #objects = new Map<string, S3Object>();

  /**
   * @throws {TemplateError} if the bucket has two deployments, since one deletes the files of the
   * other
   */
  constructor({ arn, name }: Resource<unknown>, template: Template, services: BucketServices) {
    this.#arn = arn;
    this.#services = services;
    const [deployment, second] = template
      .resources(BucketDeploymentResource)
      .filter(({ properties }) => properties.DestinationBucketName === name);
    if (second)
      throw new TemplateError(`${second.logicalId}: ${arn} already has a deployment; only one is supported.`);
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
   * @param markers placeholders in the files for values that are known only at the deployment, with
   * their values
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
   * Answers `GetObject`. If the reader may not list the bucket, a missing object is `AccessDenied`.
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

import { parse } from '@aws-sdk/util-arn-parser';
import * as z from 'zod/mini';
import { type Account, compiledBy, resourceType } from '../../template/resource-type.ts';
import { constrained } from './constraints.ts';
import { compileEventPattern, MAXIMUM_PATTERN_LENGTH } from './event-pattern.ts';

const MAXIMUM_NAME = 48;

/** The name of an archive. */
export const ArchiveName = constrained(1, MAXIMUM_NAME, /^[.\-_A-Za-z0-9]+$/);

/** The ARN of an event bus, an archive or a rule. */
export const ResourceArn = constrained(
  1,
  1600,
  /^arn:aws([a-z]|-)*:events:([a-z]|\d|-)*:([0-9]{12})?:.+\/.+$/,
);

/** The number of days for which events are kept; 0 keeps them forever. */
export const RetentionDays = z.int().check(z.gte(0, 'Member must have value greater than or equal to 0'));

/** The key of AWS, which the CDK writes as an empty text. Others are not emulated. */
export const OwnedKey = z.optional(z.literal('', 'only the key that AWS owns is supported'));

export function archiveArn(name: string, { id, region }: Account): string {
  return `arn:aws:events:${region}:${id}:archive/${name}`;
}

/** Returns the last part of an ARN, e.g. the name of the archive. */
export function nameInArn(arn: string): string {
  return parse(arn).resource.replace(/^.*\//, '');
}

/**
 * `AWS::Events::Archive`. A generated name is cut to the maximum length, so that it keeps its logical
 * ID. Source: EventBridge API Reference, `CreateArchive`.
 */
export const ArchiveResource = resourceType(
  z.strictObject({
    ArchiveName: z.optional(ArchiveName),
    SourceArn: ResourceArn,
    EventPattern: z.optional(
      z.record(z.string(), z.unknown()).check(
        z.refine(
          (pattern) => JSON.stringify(pattern).length <= MAXIMUM_PATTERN_LENGTH,
          `Member must have length less than or equal to ${MAXIMUM_PATTERN_LENGTH}`,
        ),
        compiledBy(compileEventPattern),
      ),
    ),
    RetentionDays: z._default(RetentionDays, 0),
    Description: z.optional(constrained(0, 512)),
    KmsKeyIdentifier: OwnedKey,
  }),
  {
    name: (properties, generated) => properties.ArchiveName ?? generated.slice(-MAXIMUM_NAME),
    arn: archiveArn,
    attributes: ({ name }) => ({ ArchiveName: name }),
  },
);

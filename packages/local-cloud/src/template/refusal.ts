import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromWorkingDirectory } from './place.ts';

/** The template contains something that the local cloud does not support. */
export class TemplateError extends Error {}

/** Names everything in the template that is not supported, and that can be skipped. */
export class UnsupportedError extends TemplateError {}

/** Something in the template that the local cloud does not support. */
export interface Refusal {
  /** The path of the construct, or the place in the template if no construct made it. */
  place: string;
  /** The CloudFormation type; absent if the place is not a resource. */
  type?: string | undefined;
  /** The file and line that created it, if they are known, e.g. `lib/stack.ts:85`. */
  source?: string | undefined;
  /** One sentence for each reason. */
  reasons: string[];
}

const PAGE = join(fileURLToPath(import.meta.url), '../../../docs/resource-types.md');

/** The sections of the page, by the service in the name of a type. */
const sections: Readonly<Record<string, string>> = {
  ApiGateway: 'api-gateway',
  ApiGatewayV2: 'api-gateway',
  CloudFront: 'cloudfront-and-s3',
  DynamoDB: 'dynamodb',
  Events: 'eventbridge',
  IAM: 'iam',
  Lambda: 'lambda',
  S3: 'cloudfront-and-s3',
  SNS: 'sns',
  SQS: 'sqs',
  SecretsManager: 'secrets-manager',
};

/** Returns the place in the documentation that says what is supported of a resource type. */
function pageOf(type: string | undefined): string {
  const section = type === undefined ? 'the-template' : sections[type.split('::')[1] ?? ''];
  return `${fromWorkingDirectory(PAGE)}#${section ?? 'other-services'}`;
}

/** The maximum number of types that a group names. */
const NAMED_TYPES = 3;
/** The minimum number of refusals in a group. */
const GROUP_SIZE = 5;

/** Returns the error that names all refusals. */
export function refusalError(refusals: readonly Refusal[]): UnsupportedError {
  const entries = grouped(refusals).map((group) => {
    const [{ reasons, type }] = group;
    const lines = [...reasons, `See ${pageOf(type)}`].map((line) => `    ${line}\n`);
    return `  ${headlineOf(group)}\n${lines.join('')}`;
  });
  return new UnsupportedError(
    ['The local cloud does not support these parts of the stack:\n', ...entries].join('\n'),
  );
}

/** Returns a line about each refusal, or about many that have the same source and reasons. */
export function refusalLines(refusals: readonly Refusal[]): string[] {
  return grouped(refusals).map((group) => `${headlineOf(group)}: ${causeOf(group[0])}`);
}

/** Returns what a group is about, and the line of the app that created it. */
function headlineOf(group: readonly [Refusal, ...Refusal[]]): string {
  const [{ source }] = group;
  const names = [...new Set(group.flatMap(({ type }) => type ?? []))];
  const others = names.length > NAMED_TYPES ? ` and ${names.length - NAMED_TYPES} more types` : '';
  const types = names.length > 0 ? ` (${names.slice(0, NAMED_TYPES).join(', ')}${others})` : '';
  return `${commonPath(group)}${types}${source === undefined ? '' : `, created at ${source}`}`;
}

/**
 * Returns the refusals in groups, each with the same source and reasons: one construct of the CDK
 * can create dozens of resources.
 */
function grouped(refusals: readonly Refusal[]): [Refusal, ...Refusal[]][] {
  const groups = new Map<string, [Refusal, ...Refusal[]]>();
  for (const refusal of refusals) {
    const { place, reasons, source = place } = refusal;
    const key = JSON.stringify([source, reasons]);
    const group = groups.get(key);
    if (group) group.push(refusal);
    else groups.set(key, [refusal]);
  }
  return [...groups.values()].flatMap((group) =>
    group.length < GROUP_SIZE ? group.map((refusal): [Refusal] => [refusal]) : [group],
  );
}

/** Returns the path of the construct that contains all of a group. */
function commonPath([{ place }, ...others]: readonly [Refusal, ...Refusal[]]): string {
  const names = place.split('/');
  const differs = (name: string, at: number) => others.some((other) => other.place.split('/')[at] !== name);
  const end = names.findIndex(differs);
  return names.slice(0, end < 0 ? undefined : end).join('/');
}

/** Returns the sentences with which a call to a skipped resource is answered. */
export function skippedSentence(refusal: Refusal): string {
  return `${subjectOf(refusal)} is skipped, because the local cloud does not support it. ${causeOf(refusal)}`;
}

/** Returns the sentences about the skipped parts of a resource or of another element. */
export function skippedPartsSentence(refusal: Refusal): string {
  return `Parts of ${subjectOf(refusal)} are skipped, because the local cloud does not support them. ${refusal.reasons.join(' ') || 'They refer to other resources that are skipped.'}`;
}

function subjectOf({ place, type }: Refusal): string {
  return type === undefined ? place : `${place} (${type})`;
}

function causeOf({ reasons }: Refusal): string {
  return reasons.join(' ') || 'It depends on another resource that is skipped.';
}

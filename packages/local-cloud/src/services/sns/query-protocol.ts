import { XMLBuilder } from 'fast-xml-parser';
import { AwsError } from '../../core/service.ts';
import { asXmlText } from '../../core/xml-characters.ts';

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

const xml = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

type Tree = Map<string, Tree | string>;

/**
 * Parses a call in AWS's query protocol:
 * `Action=Subscribe&Protocol=email&Attributes.entry.1.key=...`. Maps (`.entry.N.key|value`,
 * `.entry.N.Name|Value`) become objects; every other value is a string. Lists are not supported: no
 * emulated operation of SNS takes one.
 * @param query a form-encoded body, or the query string of a URL
 * @throws {AwsError} `MissingAction` or `MalformedQueryString`, of AWS's "Common Errors"
 */
export function parseQuery(query: string): { operation: string; input: Record<string, unknown> } {
  const root: Tree = new Map();
  for (const [name, value] of new URLSearchParams(query)) insert(root, name.split('.'), value);
  const { Action, Version: _, ...input } = structure(root);
  if (typeof Action !== 'string') throw new AwsError('MissingAction', 'The request is missing an action.');
  return { operation: Action, input };
}

function insert(tree: Tree, [name = '', ...rest]: string[], value: string): void {
  const present = tree.get(name);
  if (rest.length === 0 && present === undefined) {
    tree.set(name, value);
    return;
  }
  const branch = present ?? new Map();
  if (rest.length === 0 || typeof branch === 'string') throw malformed(`contains ${name} twice`);
  tree.set(name, branch);
  insert(branch, rest, value);
}

function structure(tree: Tree): Record<string, unknown> {
  const entries = tree.get('entry');
  const fields = entries instanceof Map ? [...entries.values()].map(keyAndValue) : [...tree];
  return Object.fromEntries(
    fields.map(([name, value]) => [name, typeof value === 'string' ? value : structure(value)]),
  );
}

function keyAndValue(entry: Tree | string): [string, Tree | string] {
  const fields: Tree = entry instanceof Map ? entry : new Map();
  const key = fields.get('key') ?? fields.get('Name');
  if (typeof key !== 'string') throw malformed('has a map entry without a key');
  return [key, fields.get('value') ?? fields.get('Value') ?? ''];
}

function malformed(reason: string): AwsError {
  return new AwsError('MalformedQueryString', `The query string ${reason}.`, 404);
}

/**
 * Returns the response to an operation as XML.
 * @param namespace that of the service; SNS's own if absent
 */
export function formatXml(
  operation: string,
  result: object,
  requestId: string,
  namespace = NAMESPACE,
): string {
  return xml.build({
    [`${operation}Response`]: {
      '@xmlns': namespace,
      [`${operation}Result`]: element(result),
      ResponseMetadata: { RequestId: requestId },
    },
  });
}

/** Returns the response to a failed operation as XML. */
export function formatXmlError(
  { code, message, status }: AwsError,
  requestId: string,
  namespace = NAMESPACE,
): string {
  return xml.build({
    ErrorResponse: {
      '@xmlns': namespace,
      Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: element(message) },
      RequestId: requestId,
    },
  });
}

/** The only maps are called `Attributes`; every other object is a structure. */
function element(value: unknown): unknown {
  if (Array.isArray(value)) return { member: value.map(element) };
  if (typeof value !== 'object' || value === null) return asXmlText(String(value));
  const fields = Object.entries(value).map(([name, content]) => [
    name,
    name === 'Attributes'
      ? { entry: Object.entries(content).map(([key, entry]) => element({ key, value: entry })) }
      : element(content),
  ]);
  return Object.fromEntries(fields);
}

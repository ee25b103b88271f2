import { XMLBuilder } from 'fast-xml-parser';
import { AwsError } from '../../core/service.ts';
import { asXmlText } from '../../core/xml-characters.ts';

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

const xml = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** More than any operation of AWS takes, e.g. 10 entries with 10 attributes in a batch of SNS. */
const MAXIMUM_PARAMETERS = 1_000;
/** The maximum number of parts in the name of a parameter. */
const MAXIMUM_DEPTH = 10;
/** The maximum length of a name in an error message. */
const SHOWN = 100;

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
  if (hasTooMany(query)) throw malformed(`has more than ${MAXIMUM_PARAMETERS} parameters`);
  for (const [name, value] of new URLSearchParams(query)) insert(root, name, value);
  const { Action, Version: _, ...input } = structure(root);
  if (typeof Action !== 'string') throw new AwsError('MissingAction', 'The request is missing an action.');
  return { operation: Action, input };
}

function insert(root: Tree, name: string, value: string): void {
  const parts = name.split('.', MAXIMUM_DEPTH + 1);
  const last = parts.pop() ?? '';
  if (parts.length >= MAXIMUM_DEPTH) throw malformed(`contains a name of more than ${MAXIMUM_DEPTH} parts`);
  let tree = root;
  for (const part of parts) {
    const branch = tree.get(part) ?? new Map();
    if (typeof branch === 'string') throw malformed(`contains ${part.slice(0, SHOWN)} twice`);
    tree.set(part, branch);
    tree = branch;
  }
  if (tree.has(last)) throw malformed(`contains ${last.slice(0, SHOWN)} twice`);
  tree.set(last, value);
}

/** Returns whether a query has too many parameters, before they are parsed. */
function hasTooMany(query: string): boolean {
  let index = -1;
  for (let count = 0; count < MAXIMUM_PARAMETERS; count++) {
    index = query.indexOf('&', index + 1);
    if (index === -1) return false;
  }
  return true;
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

import { XMLBuilder } from 'fast-xml-parser';
import { AwsError } from '../service.ts';

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

const xml = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

type Tree = Map<string, Tree | string>;

/**
 * Reads a call in AWS's query protocol: `Action=Subscribe&Protocol=email&Attributes.entry.1.key=...`. Maps
 * (`.entry.N.key|value`, `.entry.N.Name|Value`) become objects and lists (`.member.N`) arrays; every other value is a
 * string.
 * @param query a form-encoded body, or the query string of a URL
 * @throws {AwsError} `MissingAction` or `MalformedQueryString`, of AWS's "Common Errors"
 */
export function parseQuery(query: string): { operation: string; input: Record<string, unknown> } {
  const root: Tree = new Map();
  for (const [key, value] of new URLSearchParams(query)) insert(root, key.split('.'), value);
  const operation = root.get('Action');
  if (typeof operation !== 'string') {
    throw new AwsError('MissingAction', 'The request is missing an action.');
  }
  root.delete('Action');
  root.delete('Version');
  return { operation, input: structure(root) };
}

function insert(tree: Tree, [name = '', ...rest]: string[], value: string): void {
  const present = tree.get(name);
  if (rest.length === 0 && present === undefined) {
    tree.set(name, value);
    return;
  }
  const branch: Tree | string = present ?? new Map();
  if (rest.length === 0 || typeof branch === 'string') {
    throw new AwsError('MalformedQueryString', `The query string gives ${name} twice.`, 404);
  }
  tree.set(name, branch);
  insert(branch, rest, value);
}

function structure(tree: Tree): Record<string, unknown> {
  return Object.fromEntries([...tree].map(([name, value]) => [name, parsed(value)]));
}

function parsed(node: Tree | string): unknown {
  if (typeof node === 'string') return node;
  const members = node.get('member');
  if (members instanceof Map) return inOrder(members).map(parsed);
  const entries = node.get('entry');
  if (entries instanceof Map) return Object.fromEntries(inOrder(entries).map(keyAndValue));
  return structure(node);
}

/** What stands under the numbers 1, 2, 3 … of a list or a map. */
function inOrder(numbered: Tree): (Tree | string)[] {
  return [...numbered].sort(([a], [b]) => Number(a) - Number(b)).map(([, node]) => node);
}

function keyAndValue(entry: Tree | string): [string, unknown] {
  const fields: Tree = entry instanceof Map ? entry : new Map();
  const key = fields.get('key') ?? fields.get('Name');
  if (typeof key !== 'string') throw new AwsError('MalformedQueryString', 'A map entry has no key.', 404);
  return [key, parsed(fields.get('value') ?? fields.get('Value') ?? '')];
}

/** The answer to an operation as XML. SNS's only maps are called `Attributes`; every other object is a structure. */
export function formatXml(operation: string, result: object, requestId: string): string {
  return xml.build({
    [`${operation}Response`]: {
      '@xmlns': NAMESPACE,
      [`${operation}Result`]: element(result),
      ResponseMetadata: { RequestId: requestId },
    },
  });
}

/** The answer to an operation that failed. */
export function formatXmlError({ code, message, status }: AwsError, requestId: string): string {
  return xml.build({
    ErrorResponse: {
      '@xmlns': NAMESPACE,
      Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: element(message) },
      RequestId: requestId,
    },
  });
}

function element(value: unknown): unknown {
  if (Array.isArray(value)) return { member: value.map(element) };
  if (typeof value !== 'object' || value === null) return characters(String(value));
  return Object.fromEntries(
    Object.entries(value).map(([name, content]) => [
      name,
      name === 'Attributes'
        ? {
            entry: Object.entries(content).map(([key, entry]) => ({
              key: element(key),
              value: element(entry),
            })),
          }
        : element(content),
    ]),
  );
}

/** Text without what XML 1.0 cannot hold, whichever way it is escaped. */
function characters(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as z from 'zod/mini';
import { asyncApi } from '../contracts/asyncapi.ts';
import { openApi } from '../contracts/openapi.ts';
import { Problem } from '../model/problem.ts';

/** Thrown for a response or a message that differs from its document in `docs/api`. */
export class ContractViolation extends Error {}

/**
 * Returns the document with every object closed. Clients ignore unknown fields, but must not
 * receive the internal fields of a stored post.
 */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (!(value instanceof Object)) return value;
  const entries = Object.entries(value).map(([name, part]) => [name, closed(part)]);
  return { ...Object.fromEntries(entries), ...('properties' in value && { additionalProperties: false }) };
}

/** Compiles patterns without the flag `u`, as many validators do. */
const ajv = new Ajv2020({ strict: false, unicodeRegExp: false });
addFormats(ajv);
for (const [name, document] of Object.entries({ openapi: openApi, asyncapi: asyncApi }))
  ajv.addSchema(z.record(z.string(), z.unknown()).parse(closed(document)), name);

/** Validates headers, which are text for every schema. */
const headersAjv = new Ajv2020({ strict: false, coerceTypes: true });
addFormats(headersAjv);

/**
 * Validates a value against a schema of a document. Returns the errors as text, or `undefined` for
 * a valid value.
 * @param $ref of the schema within the document, e.g. `#/components/schemas/Post`
 */
export function wrongWith(
  value: unknown,
  document: 'openapi' | 'asyncapi',
  $ref: string,
): string | undefined {
  const validate = ajv.getSchema(`${document}${$ref}`);
  if (!validate) throw new Error(`${document}.json has no ${$ref}.`);
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: '' });
}

/** A response of the REST API. */
export interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

/**
 * Validates a response of the REST API against the OpenAPI document. For an unknown path or method,
 * only a 404 is valid. The status in a problem document must equal that of the response.
 * @param path may contain a query
 * @throws {ContractViolation} with the first difference
 */
export function checkAnswer(method: string, path: string, { status, headers, body }: Answer): void {
  const violation = (what: string) =>
    new ContractViolation(`${method} ${path} responded with ${status}: ${what}\n${body.slice(0, 2000)}`);
  const documented = answersTo(method, path)[status];
  if (!documented) throw violation('the status is not documented');
  const answer = '$ref' in documented ? openApi.components.responses[lastOf(documented.$ref)] : documented;
  for (const [name, { $ref }] of Object.entries(answer?.headers ?? {})) {
    const header = openApi.components.headers[lastOf($ref)];
    const value = headers.get(name);
    if (value === null && header?.required) throw violation(`the header ${name} is missing`);
    if (value !== null && !headersAjv.validate(header?.schema ?? {}, value))
      throw violation(`the header ${name} is ${JSON.stringify(value)}`);
  }
  if (!answer?.content) {
    if (body) throw violation('the body must be empty');
    return;
  }
  const type = headers.get('content-type') ?? '';
  const content = answer.content[type];
  if (!content) throw violation(`the content type ${JSON.stringify(type)} is not documented`);
  const json = parsed(body);
  const wrong = wrongWith(json, 'openapi', content.schema.$ref);
  if (wrong) throw violation(wrong);
  if (type === 'application/problem+json' && Problem.parse(json).status !== status)
    throw violation('the status of the problem document differs');
}

function answersTo(method: string, path: string) {
  const segments = path.replace(/\?.*/, '').split('/');
  for (const [template, operations] of Object.entries(openApi.paths)) {
    const parts = template.split('/');
    const matches =
      parts.length === segments.length &&
      parts.every((part, index) => part.startsWith('{') || part === segments[index]);
    const operation = matches ? operations[method.toLowerCase()] : undefined;
    if (operation) return operation.responses;
  }
  return { 404: { $ref: '#/components/responses/Problem404' } };
}

const lastOf = ($ref: string): string => $ref.split('/').at(-1) ?? '';

/** Parses JSON. Returns `undefined`, which no schema allows, for other text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The names of the messages that a client may receive. */
const messagesToClients = Object.values(asyncApi.operations)
  .filter(({ channel }) => channel.$ref === '#/channels/updates')
  .flatMap(({ action, messages, reply }) => [
    ...(action === 'send' ? messages : []),
    ...(reply?.messages ?? []),
  ])
  .map(({ $ref }) => lastOf($ref));

/**
 * Validates a message to a WebSocket client against the AsyncAPI document.
 * @param names the allowed messages; by default every message to a client
 * @throws {ContractViolation} if no allowed message matches
 */
export function checkMessage(text: string, names = [...new Set(messagesToClients)]): void {
  const message = parsed(text);
  const wrong = names.map((name) => {
    const wrong = wrongWith(message, 'asyncapi', `#/components/schemas/${name}`);
    return wrong && `${name}: ${wrong}`;
  });
  if (wrong.every(Boolean))
    throw new ContractViolation(
      `${text.slice(0, 2000)} is not a message of the contract.\n${wrong.join('\n')}`,
    );
}

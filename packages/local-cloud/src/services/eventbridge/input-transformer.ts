import { AwsError } from '../../core/service.ts';
import { compileJsonPath } from './json-path.ts';

/**
 * The part of a rule's target that defines its input. Without any of the three, the target receives
 * the event.
 */
export interface TargetInput {
  Id: string;
  /** A constant, as JSON text. */
  Input?: string | undefined;
  /** A JSON path: the target receives this part of the event. */
  InputPath?: string | undefined;
  InputTransformer?:
    | { InputPathsMap?: Record<string, string> | undefined; InputTemplate: string }
    | undefined;
}

/** The values of a template's predefined variables that the event does not contain. */
export interface InputContext {
  ruleArn: string;
  ruleName: string;
  /** The time at which the bus received the event, as ISO 8601. */
  ingestionTime: string;
}

/**
 * Returns the text that a target receives for an event.
 * @throws {AwsError} `INVALID_JSON` if the output of a JSON template is not JSON: the event is not
 * delivered
 */
export type InputRenderer = (event: object, context: InputContext) => string;

/**
 * Compiles the input of a target (EventBridge User Guide, "Input transformation"). In a template,
 * `<name>` stands for the value that its path finds in the event:
 *
 * - as a JSON value, a variable becomes JSON of any type, and a variable without a value becomes
 *   `""`;
 * - within quotes, a string is inserted unescaped, so that a quote or line break in it breaks the
 *   JSON; a variable without a value becomes empty;
 * - the output of a template of quoted strings, one per line, is sent unchanged, JSON or not;
 *   objects lose their quotes there;
 * - the output of a JSON template is not sent if it is not JSON. It is minified here: AWS does not
 *   document whether line breaks stay, so nothing should depend on them.
 *
 * `<` cannot be escaped, but only a name in angle brackets is a variable. An `InputPath` that finds
 * nothing results in `null`.
 *
 * @throws {AwsError} `ValidationException` if it is not valid; the service refuses such a target
 */
export function compileInput(target: TargetInput): InputRenderer {
  const { Id, Input, InputPath, InputTransformer } = target;
  if ([Input, InputPath, InputTransformer].filter((setting) => setting !== undefined).length > 1) {
    invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  }
  if (Input !== undefined) {
    if (parseJson(Input) === undefined) invalid(`JSON syntax error in input for target ${Id}.`);
    return () => Input;
  }
  if (InputPath !== undefined) {
    const path = compileJsonPath(InputPath);
    return (event) => JSON.stringify(path(event) ?? null);
  }
  if (InputTransformer !== undefined) {
    return compileTransformer(Id, InputTransformer.InputPathsMap ?? {}, InputTransformer.InputTemplate);
  }
  return (event) => JSON.stringify(event);
}

type Variable = (event: object, context: InputContext) => unknown;

/** A piece of a template: text, or a variable and whether it is within quotes. */
type Piece = string | { name: string; quoted: boolean };

const maxVariables = 100;

const predefinedVariables: [string, Variable][] = [
  ['aws.events.rule-arn', (_, { ruleArn }) => ruleArn],
  ['aws.events.rule-name', (_, { ruleName }) => ruleName],
  ['aws.events.event.ingestion-time', (_, { ingestionTime }) => ingestionTime],
  ['aws.events.event', eventWithoutDetail],
  ['aws.events.event.json', (event) => event],
];

function invalid(message: string): never {
  throw new AwsError('ValidationException', message);
}

/** Returns the value of a JSON text; `undefined` if the text is not JSON. */
function parseJson(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return undefined;
  }
}

/** Returns the event without `detail`. AWS spells `detail-type` differently here. */
function eventWithoutDetail(event: object): object {
  const entries = Object.entries(event).filter(([name]) => name !== 'detail');
  return Object.fromEntries(
    entries.map(([name, value]) => [name === 'detail-type' ? 'detailType' : name, value]),
  );
}

function compileTransformer(id: string, paths: Record<string, string>, template: string): InputRenderer {
  const names = Object.keys(paths);
  if (names.length > maxVariables)
    invalid(`InputPathsMap for target ${id} has more than ${maxVariables} keys.`);
  const reserved = names.find((name) => /^aws/i.test(name) || !/^[\w-]+$/.test(name));
  if (reserved !== undefined) invalid(`InputPathsMap for target ${id} contains invalid key ${reserved}.`);
  const variables = new Map<string, Variable>(predefinedVariables);
  for (const [name, path] of Object.entries(paths)) variables.set(name, compileJsonPath(path));

  const pieces = parseTemplate(template);
  const isText = template.trimStart().startsWith('"');
  checkSyntax(id, pieces, isText);
  const render = pieces.map((piece): Variable => {
    if (typeof piece === 'string') return () => piece;
    const { name, quoted } = piece;
    const variable = variables.get(name);
    if (!variable) invalid(`InputTemplate for target ${id} contains invalid placeholder ${name}.`);
    return (event, context) => show(variable(event, context), quoted, isText);
  });
  return (event, context) => {
    const text = render.map((piece) => piece(event, context)).join('');
    if (isText) return text;
    const json = parseJson(text);
    if (json === undefined) {
      throw new AwsError('INVALID_JSON', `The input of target ${id} is not JSON.`);
    }
    return JSON.stringify(json);
  };
}

function parseTemplate(template: string): Piece[] {
  const pieces: Piece[] = [];
  let quoted = false;
  let from = 0;
  for (const { 0: token, 1: name, index } of template.matchAll(/\\.|"|<([\w.-]+)>/gs)) {
    if (token === '"') quoted = !quoted;
    if (name === undefined) continue;
    pieces.push(template.slice(from, index), { name, quoted });
    from = index + token.length;
  }
  return [...pieces, template.slice(from)];
}

function checkSyntax(id: string, pieces: Piece[], isText: boolean): void {
  const sample = pieces.map((piece) => {
    if (typeof piece === 'string') return piece;
    return piece.quoted ? `<${piece.name}>` : 'null';
  });
  let keys = '';
  const lines = isText ? sample.join('').trim().split('\n') : [sample.join('')];
  for (const line of lines) {
    const json = parseJson(line, (key, value) => {
      keys += `${key}\n`;
      return value;
    });
    if (json === undefined) invalid(`Invalid InputTemplate for target ${id}: neither JSON nor quoted text.`);
  }
  if (/<[\w.-]+>/.test(keys)) invalid(`Invalid InputTemplate for target ${id}: a variable cannot be a key.`);
}

function show(value: unknown, quoted: boolean, isText: boolean): string {
  const shown = value === undefined ? '' : value;
  if (quoted && typeof shown === 'string') return shown;
  const json = JSON.stringify(shown);
  return quoted && isText ? json.replaceAll('"', '') : json;
}

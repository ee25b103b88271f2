import { AwsError } from '../../core/service.ts';

/** Finds a value in an event; `undefined` if the event has no such value. */
export type JsonPath = (document: unknown) => unknown;

/**
 * Compiles a JSON path of a rule target: `$`, `.name` of letters, digits, `_`, `-` and `/`,
 * `[index]`, and the wildcards `.*` and `[*]`. A path with a wildcard finds the array of all
 * matches (EventBridge User Guide, "Input transformation"; the API reference, `InputTransformer`,
 * excludes names in brackets).
 *
 * @throws {AwsError} `ValidationException` for any other path. AWS accepts such a path and then
 * finds nothing.
 */
export function compileJsonPath(path: string): JsonPath {
  if (!/^\$(?:\.(?:\*|[\w/-]+)|\[(?:\*|\d+)\])*$/.test(path)) {
    throw new AwsError('ValidationException', `JSON path ${path} is not supported in the input of a target.`);
  }
  const steps = path.match(/[.[][^.[\]]+/g) ?? [];
  const isDefinite = !path.includes('*');
  return (document) => {
    const found = steps.reduce((nodes, step) => nodes.flatMap((node) => children(node, step)), [document]);
    return isDefinite ? found[0] : found;
  };
}

function children(node: unknown, step: string): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  const name = step.slice(1);
  if (name === '*') return Object.values(node);
  const reaches = Array.isArray(node) === step.startsWith('[') && Object.hasOwn(node, name);
  return reaches ? [Reflect.get(node, name)] : [];
}

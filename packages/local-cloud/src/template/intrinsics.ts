import * as z from 'zod/mini';

/** Resolves the references of intrinsic functions. Both functions throw for an unknown name. */
export interface References {
  ref(logicalId: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
}

/** The intrinsic functions. Source: CloudFormation User Guide, "Intrinsic function reference". */
const functions: Record<string, (argument: unknown, references: References) => unknown> = {
  Ref: (argument, { ref }) => ref(z.string().parse(argument)),
  'Fn::GetAtt': (argument, { getAtt }) => {
    const [logicalId, attribute] = z.tuple([z.string(), z.string()]).parse(argument);
    return getAtt(logicalId, attribute);
  },
  'Fn::Join': (argument, references) => {
    const [delimiter, values] = z.tuple([z.string(), z.unknown()]).parse(argument);
    return z.array(scalar).parse(resolve(values, references)).join(delimiter);
  },
  'Fn::Select': (argument, references) => {
    const [index, values] = z.tuple([z.coerce.number(), z.unknown()]).parse(argument);
    const value = z.array(z.unknown()).parse(resolve(values, references))[index];
    if (value === undefined) throw new Error(`Fn::Select has no element ${index}`);
    return value;
  },
  'Fn::Split': (argument, references) => {
    const [delimiter, value] = z.tuple([z.string(), z.unknown()]).parse(argument);
    return z.string().parse(resolve(value, references)).split(delimiter);
  },
  'Fn::Sub': (argument, references) => {
    const [text, variables] = z
      .union([z.tuple([z.string(), z.record(z.string(), z.unknown())]), z.pipe(z.string(), asSubTuple)])
      .parse(argument);
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return String(scalar.parse(resolve(variables[name], references)));
      const [logicalId = name, attribute] = name.split(/\.(.*)/s);
      return String(attribute ? references.getAtt(logicalId, attribute) : references.ref(logicalId));
    });
  },
};

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const asSubTuple = z.transform((text: string): [string, Record<string, unknown>] => [text, {}]);

/**
 * Returns the value with each intrinsic function in it replaced by its result.
 * @throws {Error} for an unknown intrinsic function or an invalid call: nothing in a template is
 * guessed
 */
export function resolve(value: unknown, references: References): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, references));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'))) {
    const call = functions[name];
    if (!call) throw new Error(`the intrinsic function ${name} is not supported`);
    try {
      return call(argument, references);
    } catch (error) {
      // zod's message has many lines.
      if (error instanceof z.core.$ZodError)
        throw new Error(`${name} has an invalid argument: ${JSON.stringify(value)}`);
      throw error;
    }
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, references)]));
}

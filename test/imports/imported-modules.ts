import { parseSync } from '@swc/core';
import * as z from 'zod/mini';

const Text = z.union([
  z.object({ type: z.literal('StringLiteral'), value: z.string() }),
  // Keeps the part before the first variable.
  z.pipe(
    z.object({ type: z.literal('TemplateLiteral'), quasis: z.array(z.object({ raw: z.string() })) }),
    z.transform(({ quasis }) => ({ value: quasis[0]?.raw ?? '' })),
  ),
]);
const Argument = z.object({ expression: Text });
const identifier = (value: string) => z.object({ type: z.literal('Identifier'), value: z.literal(value) });
const importMeta = z.object({ type: z.literal('MetaProperty'), kind: z.literal('import.meta') });
const methodOf = z.object({
  type: z.literal('MemberExpression'),
  object: z.union([identifier('jest'), identifier('require'), importMeta]),
});

/** The nodes of a syntax tree of @swc/core that name another module, or a file beside this one. */
const Importing = z.discriminatedUnion('type', [
  z.object({
    type: z.literal(['ImportDeclaration', 'ExportAllDeclaration', 'ExportNamedDeclaration']),
    source: Text,
    typeOnly: z.boolean(),
  }),
  z.object({ type: z.literal('TsImportType'), argument: Text }),
  z.object({ type: z.literal('TsExternalModuleReference'), expression: Text }),
  z.object({
    type: z.literal('CallExpression'),
    callee: z.union([z.object({ type: z.literal('Import') }), identifier('require'), methodOf]),
    arguments: z.tuple([Argument], z.unknown()),
  }),
  z.object({
    type: z.literal('NewExpression'),
    callee: identifier('URL'),
    arguments: z.tuple([Argument, z.object({ expression: z.object({ object: importMeta }) })]),
  }),
]);

/** A module that a source file imports: `./post.ts`, `zod/mini`. */
export interface ImportedModule {
  specifier: string;
  /** Whether only its types are imported. */
  isType: boolean;
}

function moduleOf(node: z.infer<typeof Importing>): ImportedModule {
  if ('source' in node) return { specifier: node.source.value, isType: node.typeOnly };
  if ('argument' in node) return { specifier: node.argument.value, isType: true };
  if ('expression' in node) return { specifier: node.expression.value, isType: false };
  return { specifier: node.arguments[0].expression.value, isType: false };
}

/** Filters the nodes first, since most are of another type and the schema is slow to refuse them. */
const importing =
  /^(Import|ExportAll|ExportNamed)Declaration$|^(Call|New)Expression$|^Ts(ImportType|ExternalModuleReference)$/;

function modulesIn(node: unknown): ImportedModule[] {
  if (!(node instanceof Object)) return [];
  const isImporting = 'type' in node && importing.test(String(node.type));
  const { data } = isImporting ? Importing.safeParse(node) : {};
  return [...(data ? [moduleOf(data)] : []), ...Object.values(node).flatMap(modulesIn)];
}

/**
 * Returns the modules that a source file imports, statically or dynamically, mocks, or reads as a file beside it. A computed
 * name is left out, or cut at its first variable.
 */
export function importedModules(file: string, source: string): ImportedModule[] {
  return modulesIn(parseSync(source, { syntax: 'typescript', tsx: file.endsWith('x') }));
}

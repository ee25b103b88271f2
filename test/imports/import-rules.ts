import path from 'node:path/posix';
import * as z from 'zod/mini';
import { cycles } from './cycles.ts';
import { type ImportedModule, importedModules } from './imported-modules.ts';

/** The texts of the source files and of the `package.json` files, by their paths from the top folder. */
export type Sources = Readonly<Record<string, string>>;

const localCloud = 'packages/local-cloud';
const floors = ['core', 'http', 'template', 'services', 'flow', 'cloud', 'cli'].map(
  (name) => `${localCloud}/src/${name}`,
);
const flowView = `${localCloud}/flow-view`;
const conformance = `${localCloud}/conformance`;
const product = ['bin', 'lib', 'lambdas', 'model', 'web', 'contracts', 'operations'];

/** The rooms of the repository, each with the rooms that it may import besides itself. */
const rooms = new Map<string, readonly string[]>([
  ['bin', ['lib', 'lambdas', 'model']],
  ['lib', ['lambdas', 'model']],
  ['lambdas', ['model']],
  ['model', []],
  ['web', ['model']],
  ['contracts', ['model']],
  ['operations', ['model']],
  ...floors.map((floor, index) => [floor, floors.slice(0, index)] as const),
  // The flow API bundles the view.
  [`${localCloud}/src/flow`, [...floors.slice(0, floors.indexOf(`${localCloud}/src/flow`)), flowView]],
  [flowView, [`${localCloud}/src/core`]],
  [`${localCloud}/bin`, floors],
  [conformance, floors],
  [`${localCloud}/test`, [...floors, flowView, conformance]],
  // Describes the app to the local cloud.
  ['local-cloud.config.ts', [localCloud, 'bin', 'contracts']],
  ['testing', [localCloud, 'local-cloud.config.ts', 'contracts', 'model']],
  ['checks', [...product, localCloud, 'local-cloud.config.ts', 'testing']],
  ['test', [...product, localCloud, 'local-cloud.config.ts', 'testing', 'checks']],
]);

/** The folders whose code runs with `dependencies` only. */
const shipped = [...product, `${localCloud}/src`, `${localCloud}/bin`, flowView];

const Names = z._default(z.record(z.string(), z.string()), {});
const Package = z.object({ dependencies: Names, devDependencies: Names, exports: Names });

interface Import extends ImportedModule {
  file: string;
  /** The imported file; `undefined` for a file of another package. */
  target: string | undefined;
}

const isIn = (file: string, folder: string) => file.startsWith(`${folder}/`);
const roomOf = (file: string) =>
  [...rooms.keys()].find((room) => file === room || isIn(file, room)) ?? 'the top folder';
const isHandler = (file: string) => path.dirname(file) === 'lambdas';
const exportsHandler = (source = '') => /^export (const|(async )?function) handler\b/m.test(source);

/** Returns a line for each broken rule: the file, its import, and the rule. */
export function brokenRules(sources: Sources): string[] {
  const files = Object.keys(sources).filter((file) => path.basename(file) !== 'package.json');
  const imports = files.flatMap((file) => importsOf(file, sources[file] ?? ''));
  const arrows = imports.flatMap(({ file, target }) =>
    target !== undefined && target in sources ? [{ from: file, to: target }] : [],
  );
  const arrowsOfFolders = arrows
    .map(({ from, to }) => ({ from: path.dirname(from), to: path.dirname(to) }))
    .filter(({ from, to }) => from !== to && !isIn(from, to) && !isIn(to, from));
  const synthesized = loadedFrom(['bin', 'lib'], imports);
  return [
    ...imports.flatMap((each) =>
      [ruleOfRooms(each), ruleOfPackages(each, sources), ruleOfSynthesis(each, synthesized)]
        .filter((rule) => rule !== undefined)
        .map((rule) => `${each.file} imports ${each.specifier}: ${rule}`),
    ),
    ...files
      .filter((file) => isHandler(file) && !exportsHandler(sources[file]))
      .map((file) => `${file} exports no handler: what handlers share is in a folder of lambdas/`),
    ...cycles(arrows).map((cycle) => `${cycle}: files must not import each other in a cycle`),
    ...cycles(arrowsOfFolders).map((cycle) => `${cycle}: folders must not import each other in a cycle`),
  ];
}

function importsOf(file: string, source: string): Import[] {
  return importedModules(file, source).map((each) => ({
    ...each,
    file,
    target: each.specifier.startsWith('.') ? path.join(path.dirname(file), each.specifier) : undefined,
  }));
}

/**
 * Returns the files in these folders, and the files that loading them loads. Does not follow the
 * import of a handler: a construct may take the names of environment variables from its own.
 */
function loadedFrom(folders: readonly string[], imports: readonly Import[]): Set<string> {
  const loading = imports.filter(({ isType, target = '' }) => !isType && !isHandler(target));
  const loaded = new Set(
    imports.map(({ file }) => file).filter((file) => folders.some((folder) => isIn(file, folder))),
  );
  // A set also yields what is added during the iteration.
  for (const file of loaded)
    for (const each of loading) if (each.file === file && each.target !== undefined) loaded.add(each.target);
  return loaded;
}

function ruleOfSynthesis({ file, specifier, isType }: Import, synthesized: Set<string>): string | undefined {
  const isSlow = /^@aws-(sdk|lambda-powertools)\//.test(specifier) && !isType;
  return isSlow && synthesized.has(file) ? 'a synthesis must not load the AWS SDK or Powertools' : undefined;
}

function ruleOfRooms({ file, target }: Import): string | undefined {
  if (target === undefined) return undefined;
  if (isIn(file, localCloud) && !isIn(target, localCloud)) return `no import leaves ${localCloud}`;
  if (!isIn(file, localCloud) && isIn(target, localCloud))
    return 'the local cloud is imported as local-cloud or local-cloud/<export>';
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from !== to && !rooms.get(from)?.includes(to)) return `${from} may not import ${to}`;
  return isHandler(target) && product.includes(from) && from !== 'lib'
    ? 'only its construct, tests and checks import a handler'
    : undefined;
}

function ruleOfPackages(each: Import, sources: Sources): string | undefined {
  if (each.target !== undefined || each.specifier.startsWith('node:')) return undefined;
  const [name = each.specifier] = /^(@[^/]+\/)?[^/]+/.exec(each.specifier) ?? [];
  return (
    (name === 'local-cloud' ? ruleOfLocalCloud(each, sources) : undefined) ??
    ruleOfDeclarations(each, name, sources)
  );
}

function ruleOfLocalCloud({ file, specifier }: Import, sources: Sources): string | undefined {
  if (!rooms.get(roomOf(file))?.includes(localCloud)) return `${roomOf(file)} may not import ${localCloud}`;
  const exported = Object.keys(packageOf(`${localCloud}/package.json`, sources).exports).map((name) =>
    path.join('local-cloud', name),
  );
  const isExported = exported.some(
    (name) => name === specifier || (name.endsWith('/*') && path.dirname(name) === path.dirname(specifier)),
  );
  return isExported ? undefined : `${localCloud}/package.json does not export it`;
}

function ruleOfDeclarations({ file, isType }: Import, name: string, sources: Sources): string | undefined {
  const declaring = nearestPackage(path.dirname(file), sources);
  const { dependencies, devDependencies } = packageOf(declaring, sources);
  const isShipped = shipped.some((folder) => isIn(file, folder));
  const types = `@types/${name.replace('@', '').replace('/', '__')}`;
  const isDeclared =
    name in dependencies ||
    (name in devDependencies && (isType || !isShipped)) ||
    (types in devDependencies && isType);
  return isDeclared
    ? undefined
    : `${declaring} must declare ${name}${isShipped ? ' in its dependencies' : ''}`;
}

function nearestPackage(folder: string, sources: Sources): string {
  const file = path.join(folder, 'package.json');
  return file in sources || folder === '.' ? file : nearestPackage(path.dirname(folder), sources);
}

function packageOf(file: string, sources: Sources): z.infer<typeof Package> {
  return Package.parse(JSON.parse(sources[file] ?? '{}'));
}

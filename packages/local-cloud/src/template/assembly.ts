import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { fromWorkingDirectory } from './place.ts';
import { TemplateError } from './refusal.ts';

/** The metadata of constructs: lists of entries, by construct path. */
const Metadata = z.record(z.string(), z.array(z.object({ type: z.string(), data: z.optional(z.unknown()) })));

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.optional(z.looseObject({ templateFile: z.optional(z.string()) })),
      metadata: z._default(Metadata, {}),
      additionalMetadataFile: z.optional(z.string()),
    }),
  ),
});

const Assets = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

/** The only stack of a cloud assembly. */
export interface Assembly {
  stackName: string;
  /** The name of the file with the template. */
  templateFile: string;
  template: unknown;
  /** The folders or files of the assets, by their keys in the bootstrap bucket. */
  assets: ReadonlyMap<string, string>;
  /** The file and line of the app that created an element, e.g. `lib/stack.ts:85`, by logical id. */
  sources: ReadonlyMap<string, string>;
}

/**
 * Reads a cloud assembly that `cdk synth` wrote.
 * @throws {TemplateError} if it contains no stack, or several
 */
export function readAssembly(folder: string): Assembly {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const stacks = Object.entries(Manifest.parse(read('manifest.json')).artifacts).filter(
    ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
  );
  const [stack] = stacks;
  if (!stack || stacks.length > 1) {
    const names = stacks.map(([name]) => name).join(', ');
    throw new TemplateError(
      `The local cloud runs apps with one stack. This app has ${stacks.length}${names && `: ${names}`}.`,
    );
  }
  const [stackName, { additionalMetadataFile, metadata, properties }] = stack;
  const templateFile = properties?.templateFile ?? `${stackName}.template.json`;
  const more = additionalMetadataFile ? Metadata.parse(read(additionalMetadataFile)) : {};
  return {
    stackName,
    templateFile,
    template: read(templateFile),
    assets: new Map(
      Object.values(Assets.parse(read(`${stackName}.assets.json`)).files).flatMap(
        ({ source, destinations }) =>
          Object.values(destinations).map(({ objectKey }) => [objectKey, join(folder, source.path)] as const),
      ),
    ),
    sources: sourcesIn({ ...metadata, ...more }),
  };
}

const StackTrace = z.array(z.string());

/**
 * Returns the file and line that created an element, by logical id. The CDK records the stack trace
 * without the frames of packages.
 */
function sourcesIn(metadata: z.infer<typeof Metadata>): Map<string, string> {
  const sources = new Map<string, string>();
  for (const entries of Object.values(metadata)) {
    const data = (type: string): unknown => entries.find((entry) => entry.type === type)?.data;
    const logicalId = data('aws:cdk:logicalId');
    const trace = StackTrace.safeParse(data('aws:cdk:creationStack')).data ?? [];
    for (const frame of trace) {
      const [, file, line] = /\((.+):(\d+):\d+\)$/.exec(frame) ?? [];
      if (typeof logicalId !== 'string' || file === undefined) continue;
      sources.set(logicalId, `${fromWorkingDirectory(file)}:${line}`);
      break;
    }
  }
  return sources;
}

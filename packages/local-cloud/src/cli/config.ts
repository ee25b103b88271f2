import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod/mini';
import type { Documents } from '../cloud/documents.ts';
import type { LocalUrls } from '../cloud/localize.ts';
import { explainIssue, sentencesOf } from '../core/issue.ts';
import { ExampleRequest } from '../core/steps.ts';
import { importTypeScript } from './import-typescript.mjs';

/** Sources that are bundled again after each edit. */
export interface Bundle {
  /** The folders to watch, relative to the configuration file. */
  folders: string[];
  /**
   * Bundles the sources into `outDir`, a new folder.
   * @throws {Error} if they do not compile; the message contains the reason
   */
  bundle(outDir: string): Promise<void>;
}

/** A shell command that the start prints, ready to paste. */
export interface ExampleCommand {
  title: string;
  command: string;
}

/**
 * Describes a CDK app to the local cloud: the default export of the app's configuration file. The
 * `cdk.json` beside that file contains the command that runs the app.
 */
export interface LocalCloudConfig {
  /**
   * The folders and files that the cloud assembly is made from, relative to the configuration file.
   */
  sources: string[];
  /**
   * Bundles the functions after an edit. The bundle of the function with the handler
   * `<name>.handler` goes into `<outDir>/<name>/`. Without it, an edit takes effect after a
   * restart.
   */
  functions?: Bundle;
  /** Bundles the web page directly into `outDir`, after an edit. */
  webPage?: Bundle;
  /**
   * The request that the flow view offers, and whose flow it shows. Without it, the flow view shows
   * the whole architecture.
   */
  exampleRequest?: ExampleRequest;
  /** Returns the commands that the start prints. */
  commands?(urls: LocalUrls): ExampleCommand[];
  /** Documents that the port of the REST API serves too. */
  documents?: Documents;
}

// Without a locale, zod's only message is `Invalid input`.
const callable = z.custom<() => unknown>((value) => typeof value === 'function', 'must be a function');
const bundle = z.optional(z.strictObject({ folders: z.array(z.string()), bundle: callable }));
const Config = z.strictObject({
  sources: z.array(z.string()).check(z.minLength(1)),
  functions: bundle,
  webPage: bundle,
  exampleRequest: z.optional(ExampleRequest),
  commands: z.optional(callable),
  documents: z.optional(z.record(z.string(), callable)),
});

const Module = z.object({ default: z.custom<LocalCloudConfig>((value) => value instanceof Object) });

/**
 * Loads the configuration file of an app.
 * @param file relative to the working directory
 * @throws {Error} with one line, if the file does not exist, cannot be loaded, or exports no
 * configuration
 */
export async function loadConfig(file: string): Promise<LocalCloudConfig> {
  const path = resolve(file);
  if (!existsSync(path) || !statSync(path).isFile())
    throw new Error(
      `There is no configuration file ${path}. Name the app's configuration file with --config FILE.`,
    );
  const { data } = Module.safeParse(await load(path));
  if (!data) throw new Error(`${path} must export the app's LocalCloudConfig as its default.`);
  const { error } = z.safeParse(Config, data.default, { error: explainIssue });
  if (error) throw new Error(`${path}: ${error.issues.flatMap(sentencesOf).join(' ')}`);
  return data.default;
}

async function load(path: string): Promise<unknown> {
  try {
    return await importTypeScript(path, join(dirname(path), '.local', 'compiled'));
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
    throw new Error(`${path} cannot be loaded: ${reason}`, { cause: error });
  }
}

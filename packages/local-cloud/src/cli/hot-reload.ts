import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type FSWatcher, watch } from 'chokidar';
import type { Cloud } from '../cloud/cloud.ts';
import type { Log } from '../core/log.ts';
import type { LambdaFunction } from '../services/lambda/function.ts';
import type { Bucket } from '../services/s3/bucket.ts';
import type { Bundle, LocalCloudConfig } from './config.ts';

/** An editor writes a file in several steps; edits within this time count as one. */
const SETTLE_MS = 50;

interface Reloaded {
  cloud: Pick<Cloud, 'buildFailures'> & {
    lambda: { functions: Iterable<Pick<LambdaFunction, 'deploy' | 'label'>> };
    webPage: { bucket: Pick<Bucket, 'put'> } | undefined;
  };
  /** The folder for the new bundles. Everything else in it is deleted. */
  bundles: string;
  log: Log;
}

/**
 * Watches the sources of an app. An edited handler runs from the next invocation on, and an edited
 * web page is served once it is bundled. If they do not compile, the previous ones stay. After an
 * edit of the stack, the log asks for a restart. Resolves when every further edit is noticed, with
 * a function that ends the watch.
 * @param project the folder of the configuration file
 */
export async function watchSources(
  project: string,
  { functions, webPage, sources }: LocalCloudConfig,
  { cloud, bundles, log }: Reloaded,
): Promise<() => Promise<void>> {
  const watching: Promise<FSWatcher>[] = [];
  const failures = cloud.buildFailures;
  if (functions) {
    const folder = join(bundles, 'handlers');
    const failure = 'the handlers do not compile, and the previous ones still run';
    const builder = await Builder.open(functions, { name: 'handlers', failure, folder, failures, log });
    const react = (): void => {
      const built = builder.build();
      built.then(
        () => log.info('hot reload', 'the edited handlers are live'),
        () => {},
      );
      for (const target of cloud.lambda.functions) target.deploy(built.then(codeOf(target.label, log)));
    };
    watching.push(onEdit(project, functions.folders, react));
  }
  const page = cloud.webPage;
  if (webPage && page) {
    const folder = join(bundles, 'web');
    const failure = 'the web page does not compile, and the previous one is still served';
    const builder = await Builder.open(webPage, { name: 'web page', failure, folder, failures, log });
    const react = (): void => {
      builder.build().then(
        (built) => {
          page.bucket.put(built);
          log.info('hot reload', 'the edited web page is live');
        },
        () => {},
      );
    };
    watching.push(onEdit(project, webPage.folders, react));
  }
  const bundled = [...(functions?.folders ?? []), ...(webPage?.folders ?? [])];
  const ofStack = sources.filter((source) => !bundled.includes(source));
  let told = false;
  const askForRestart = (): void => {
    if (!told) log.warn('hot reload', 'the stack has changed: restart to run it');
    told = true;
  };
  // A watcher without paths never becomes ready.
  if (ofStack.length > 0) watching.push(onEdit(project, ofStack, askForRestart));
  const watchers = await Promise.all(watching);
  return async () => {
    for (const watcher of watchers) await watcher.close();
  };
}

/** Returns a function that returns the folder of a function's bundle, if it was made. */
function codeOf(label: string, log: Log): (folder: string) => string {
  return (folder) => {
    const code = join(folder, label);
    if (existsSync(code)) return code;
    const message = `${label} is not in the bundles: the previous one still runs`;
    log.warn('hot reload', message);
    throw new Error(message);
  };
}

interface BuilderOptions {
  /** What is built. */
  name: string;
  /** The message in the log if the sources do not compile. */
  failure: string;
  /** The folder for the bundles. */
  folder: string;
  /** Receives the reason while the sources do not compile. */
  failures: Map<string, string>;
  log: Log;
}

/** Builds each edit into a separate folder, since an edit can arrive during the previous build. */
class Builder {
  readonly #bundle: Bundle;
  readonly #options: BuilderOptions;
  #latest = 0;
  /** The last build that succeeded. */
  #current = 0;

  private constructor(bundle: Bundle, options: BuilderOptions) {
    this.#bundle = bundle;
    this.#options = options;
  }

  /** Deletes the bundles of an earlier run. */
  static async open(bundle: Bundle, options: BuilderOptions): Promise<Builder> {
    await rm(options.folder, { recursive: true, force: true });
    return new Builder(bundle, options);
  }

  /**
   * Builds once the files have settled, and returns the folder of the bundles.
   * @throws {Error} if the sources do not compile, which the log says, or a later edit has replaced
   * this one
   */
  async build(): Promise<string> {
    const { failure, failures, folder, log, name } = this.#options;
    const edit = ++this.#latest;
    const isReplaced = (): boolean => edit !== this.#latest;
    const replaced = new Error('A later edit has replaced this one.');
    await setTimeout(SETTLE_MS);
    if (isReplaced()) throw replaced;
    const built = join(folder, String(edit));
    try {
      await this.#bundle.bundle(built);
      // The package of the app must not decide whether the bundles are CommonJS.
      await writeFile(join(built, 'package.json'), '{}');
    } catch (error) {
      if (isReplaced()) throw replaced;
      failures.set(name, String(error));
      log.error('hot reload', `${failure}: ${error}`);
      throw error;
    }
    if (isReplaced()) throw replaced;
    failures.delete(name);
    await this.#discard(edit);
    return built;
  }

  /** Deletes all bundles but a new one and the previous one, which invocations can still run. */
  async #discard(edit: number): Promise<void> {
    const kept = [edit, this.#current].map(String);
    this.#current = edit;
    const { folder } = this.#options;
    const old = (await readdir(folder)).filter((name) => !kept.includes(name));
    await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  }
}

/**
 * Calls `react` after each edit of a source in these folders, and in folders that are created
 * later.
 */
async function onEdit(project: string, paths: string[], react: () => void): Promise<FSWatcher> {
  const watcher = watch(
    paths.map((path) => join(project, path)),
    { ignoreInitial: true },
  );
  // Editors keep their own files beside the sources.
  watcher.on('all', (_event, path) => {
    if (/\.(m?[jt]sx?|json|css|html)$/.test(path)) react();
  });
  await once(watcher, 'ready');
  return watcher;
}

import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { watch } from 'chokidar';
import type { Cloud } from '../cloud/cloud.ts';
import type { Log } from '../core/log.ts';
import type { Bundle, LocalCloudConfig } from './config.ts';

/** An editor writes a file in several steps; edits within this time count as one. */
const SETTLE_MS = 50;

interface Reloaded {
  cloud: Pick<Cloud, 'lambda' | 'webPage'>;
  /** The folder for the new bundles. */
  bundles: string;
  log: Log;
}

/**
 * Watches the sources of an app. An edited handler runs from the next invocation on. An edited web
 * page is served once it is bundled; if it does not compile, the previous page stays. After an edit
 * of the stack, the log asks for a restart. Resolves when every further edit is noticed.
 * @param project the folder of the configuration file
 */
export async function watchSources(
  project: string,
  { functions, webPage, sources }: LocalCloudConfig,
  { cloud, bundles, log }: Reloaded,
): Promise<void> {
  const watching: Promise<void>[] = [];
  if (functions) {
    const builder = new Builder(functions, join(bundles, 'handlers'));
    const react = (): void => {
      const built = builder.build();
      for (const target of cloud.lambda.functions)
        target.deploy(built.then(({ folder }) => join(folder, target.label)));
      built
        .then(({ isLatest }) => isLatest && log.info('hot reload', 'the edited handlers are live'))
        .catch((error: unknown) => log.error('hot reload', `the handlers do not compile: ${error}`));
    };
    watching.push(onEdit(project, functions.folders, react));
  }
  const page = cloud.webPage;
  if (webPage && page) {
    const builder = new Builder(webPage, join(bundles, 'web'));
    const react = (): void => {
      builder
        .build()
        .then(({ folder, isLatest }) => {
          if (!isLatest) return;
          page.bucket.put(folder);
          log.info('hot reload', 'the edited web page is live');
        })
        .catch((error: unknown) => log.error('hot reload', `the web page does not compile: ${error}`));
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
  watching.push(onEdit(project, ofStack, askForRestart));
  await Promise.all(watching);
}

/** Builds each edit into a separate folder, since an edit can arrive during the previous build. */
class Builder {
  readonly #bundle: Bundle;
  readonly #parent: string;
  #latest = 0;

  constructor(bundle: Bundle, parent: string) {
    this.#bundle = bundle;
    this.#parent = parent;
  }

  /**
   * Builds once the files have settled. If there are several edits in a row, only the last one
   * builds.
   */
  async build(): Promise<{ folder: string; isLatest: boolean }> {
    this.#latest += 1;
    const edit = this.#latest;
    const folder = join(this.#parent, String(edit));
    await setTimeout(SETTLE_MS);
    if (edit === this.#latest) await this.#bundle.bundle(folder);
    return { folder, isLatest: edit === this.#latest };
  }
}

/**
 * Calls `react` after each edit of a source in these folders, and in folders that are created
 * later.
 */
async function onEdit(project: string, paths: string[], react: () => void): Promise<void> {
  const watcher = watch(
    paths.map((path) => join(project, path)),
    { ignoreInitial: true },
  );
  // Editors keep their own files beside the sources.
  watcher.on('all', (_event, path) => {
    if (/\.(m?[jt]sx?|json|css|html)$/.test(path)) react();
  });
  await once(watcher, 'ready');
}

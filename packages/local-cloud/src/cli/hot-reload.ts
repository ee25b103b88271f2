import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Cloud } from '../cloud/cloud.ts';
import type { Log } from '../core/log.ts';

/** An editor writes a file in several steps. */
const SETTLE_MS = 50;

/**
 * Puts an edited handler in place of the old one, for every invocation that starts after the edit, and says so; of an
 * edited stack it says that it takes a restart. An edited web page is served from when it is built, and the old one until
 * then, and as long as the new one does not compile.
 * @param project the top folder of the repository
 * @param bundles the folder for the new bundles
 */
export function watchSources(
  project: string,
  bundles: string,
  { lambda, webPage }: Pick<Cloud, 'lambda' | 'webPage'>,
  log: Log,
): void {
  let latest = 0;
  // A folder of its own for each build: an edit may come while the one before is still being built.
  const rebuild = async (edit: number): Promise<string> => {
    const folder = join(bundles, 'handlers', String(edit));
    await setTimeout(SETTLE_MS);
    // Of several edits in a row, the last one builds for all.
    if (edit !== latest) return folder;
    const { bundleHandlers } = await import('../../../../bin/bundle-handlers.ts');
    await bundleHandlers(folder);
    log.info('hot reload', 'the edited handlers are live');
    return folder;
  };
  const onHandlerEdit = (): void => {
    latest += 1;
    const built = rebuild(latest);
    built.catch((error: unknown) => log.error('hot reload', `the handlers do not compile: ${error}`));
    for (const target of lambda.functions) {
      target.deploy(built.then((folder) => join(folder, target.label)));
    }
  };
  let latestPage = 0;
  const onPageEdit = async (): Promise<void> => {
    latestPage += 1;
    const edit = latestPage;
    await setTimeout(SETTLE_MS);
    if (edit !== latestPage) return;
    const folder = join(bundles, 'web', String(edit));
    const { bundleWebPage } = await import('../../../../bin/bundle-web-page.ts');
    await bundleWebPage(folder);
    if (edit !== latestPage) return;
    webPage?.bucket.put(folder);
    log.info('hot reload', 'the edited web page is live');
  };
  let told = false;
  const onStackEdit = (): void => {
    if (!told) log.warn('hot reload', 'the stack has changed: restart to run it');
    told = true;
  };
  const watchFolder = (folder: string, onEdit: () => void): void => {
    watch(join(project, folder), (_event, file) => {
      if (file === null || /\.(tsx?|css|html)$/.test(file)) onEdit();
    });
    for (const entry of readdirSync(join(project, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) watchFolder(join(folder, entry.name), onEdit);
    }
  };
  watchFolder('lambdas', onHandlerEdit);
  watchFolder('model', onHandlerEdit);
  // The page shares the contracts.
  for (const folder of ['web', 'model']) {
    watchFolder(folder, () => {
      onPageEdit().catch((error: unknown) =>
        log.error('hot reload', `the web page does not compile: ${error}`),
      );
    });
  }
  watchFolder('lib', onStackEdit);
  watchFolder('bin', onStackEdit);
}

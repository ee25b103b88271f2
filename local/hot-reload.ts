import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Lambda } from './lambda/lambda.ts';
import type { Log } from './log.ts';

/** An editor writes a file in several steps. */
const SETTLE_MS = 50;

/**
 * Puts an edited handler in place of the old one, for every invocation that starts after the edit, and says so; of an
 * edited stack it says that it takes a restart.
 * @param project the top folder of the repository
 * @param bundles the folder for the new bundles
 */
export function watchSources(project: string, bundles: string, lambda: Lambda, log: Log): void {
  let latest = 0;
  // A folder of its own for each build: an edit may come while the one before is still being built.
  const rebuild = async (edit: number): Promise<string> => {
    const folder = join(bundles, String(edit));
    await setTimeout(SETTLE_MS);
    // Of several edits in a row, the last one builds for all.
    if (edit !== latest) return folder;
    const { bundleHandlers } = await import('../bin/bundle-handlers.ts');
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
  let told = false;
  const onStackEdit = (): void => {
    if (!told) log.warn('hot reload', 'the stack has changed: restart to run it');
    told = true;
  };
  const watchFolder = (folder: string, onEdit: () => void): void => {
    watch(join(project, folder), (_event, file) => {
      if (file === null || file.endsWith('.ts')) onEdit();
    });
    for (const entry of readdirSync(join(project, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) watchFolder(join(folder, entry.name), onEdit);
    }
  };
  watchFolder('lambdas', onHandlerEdit);
  watchFolder('lib', onStackEdit);
  watchFolder('bin', onStackEdit);
}

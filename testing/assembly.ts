import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { synthesize } from 'local-cloud/synthesize';
import config from '../local-cloud.config.ts';

/**
 * Synthesizes the stack and returns the folder of its cloud assembly. Other tests share the folder,
 * so do not change it.
 * @param context settings of the stack, by name
 */
export function synthesizedAssembly(context: Record<string, string> = {}): Promise<string> {
  const cache = join('.local', 'assemblies');
  return synthesize({ project: process.cwd(), sources: config.sources, cache, context });
}

/**
 * Copies the cloud assembly of the stack into an empty folder, edits its template there, and
 * returns the folder.
 */
export async function editedAssembly(folder: string, edit: (template: string) => string): Promise<string> {
  await cp(await synthesizedAssembly(), folder, { recursive: true });
  const file = join(folder, 'Blog-dev.template.json');
  await writeFile(file, edit(await readFile(file, 'utf8')));
  return folder;
}

import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { synthesize } from 'local-cloud/synthesize';

/** Copies the cloud assembly of the stack into an empty folder, and edits its template there. Gives the folder. */
export async function editedAssembly(folder: string, edit: (template: string) => string): Promise<string> {
  const assembly = await synthesize(process.cwd(), join('.local', 'assemblies'), {});
  await cp(assembly, folder, { recursive: true });
  const file = join(folder, 'Blog-dev.template.json');
  await writeFile(file, edit(await readFile(file, 'utf8')));
  return folder;
}

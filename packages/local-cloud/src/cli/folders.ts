import { constants, existsSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';

const SystemError = z.object({ code: z.string() });

/**
 * Throws if the folder of `--assembly` is not a cloud assembly.
 * @throws {Error} with one line
 */
export function requireAssembly(folder: string): void {
  if (existsSync(join(folder, 'manifest.json'))) return;
  const what = existsSync(folder) ? 'contains no manifest.json' : 'does not exist';
  throw new Error(
    `--assembly must be a cloud assembly, such as cdk.out after "cdk synth": ${folder} ${what}.`,
  );
}

/**
 * Creates the folder of `--data`, if it does not exist.
 * @throws {Error} with one line, if the folder cannot be written
 */
export async function requireWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = SystemError.safeParse(error).data?.code ?? String(error);
    throw new Error(`--data must be a folder that can be written, not ${folder} (${code}).`);
  }
}

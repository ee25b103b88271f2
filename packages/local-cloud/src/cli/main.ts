import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { stop as stopEsbuild } from 'esbuild';
import { machineClock } from '../core/clock.ts';
import { PortError } from '../http/http-server.ts';
import { UnsupportedError } from '../template/refusal.ts';
import { banner } from './banner.ts';
import { loadConfig } from './config.ts';
import { requireAssembly, requireWritable } from './folders.ts';
import { watchSources } from './hot-reload.ts';
import { type Options, parseOptions } from './options.ts';
import { deleteAbandoned } from './process-folder.mjs';
import { SharedCache } from './shared-cache.mjs';
import { synthesize } from './synthesize.ts';
import { terminalLog } from './terminal.ts';

/** The time in milliseconds that the services may take to stop before the process exits anyway. */
const CLOSING_MS = 1_500;

await main().catch((error: unknown) => {
  const hint =
    error instanceof UnsupportedError ? '\nStart without them: npm start -- --skip-unsupported' : '';
  console.error(`${error instanceof Error ? error.message : error}${hint}`);
  process.exit(1);
});

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const { data, context } = options;
  const log = terminalLog(options.verbose);
  if (options.assembly !== undefined) requireAssembly(options.assembly);
  await requireWritable(data);
  const config = await loadConfig(options.config);
  const project = dirname(resolve(options.config));
  const cache = join(project, '.local', 'assemblies');
  // Synthesis runs in another process while this one loads the services.
  const [assembly, { startCloud }] = await Promise.all([
    options.assembly ?? synthesize({ project, sources: config.sources, cache, context }),
    import('../cloud/cloud.ts'),
  ]);
  if (!existsSync(join(assembly, 'manifest.json')))
    throw new Error('The app of cdk.json wrote no cloud assembly into the folder that CDK_OUTDIR names.');
  // It starts again when a source is edited, and takes some 30 MB until then.
  await stopEsbuild();
  const cloud = await startCloud({
    ...options,
    assembly,
    data: join(data, 'data'),
    smtpUrl: options.smtp,
    clock: machineClock(options.speed),
    exampleRequest: config.exampleRequest,
    documents: config.documents,
    log,
  }).catch((error: unknown) => {
    throw error instanceof PortError ? new Error(`${error.message} ${portHint(error.port, options)}`) : error;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      setTimeout(() => process.exit(), CLOSING_MS).unref();
      // A request that the exit interrupts is not an error.
      await cloud.close().catch(() => {});
      process.exit();
    });
  }
  await new SharedCache(cache).prune();
  // Where an app's command can compile the app.
  await deleteAbandoned(join(project, '.local'), (name) => /^app[-.]/.test(name));
  if (!options.assembly)
    await watchSources(project, config, { cloud, bundles: join(data, 'edited-bundles'), log });
  if (config.webPage && !cloud.webPage)
    log.info('template', 'no web page: the stack has no distribution, so the page port is not used');
  console.log(banner(cloud.urls, config.commands?.(cloud.urls) ?? [], performance.now()));
  await cloud.warmUp();
}

/** Returns what to do about a port. */
function portHint(port: number, { awsPort, pagePort }: Options): string {
  const option = port === awsPort ? '--aws-port' : port === pagePort ? '--page-port' : '--port';
  return `Stop the process that uses it, or choose another with ${option}; 0 uses a free one.`;
}

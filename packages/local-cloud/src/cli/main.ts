import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { machineClock } from '../core/clock.ts';
import { PortInUseError } from '../http/http-server.ts';
import { banner } from './banner.ts';
import { watchSources } from './hot-reload.ts';
import { synthesize } from './synthesize.ts';
import { terminalLog } from './terminal.ts';

const USAGE = `npm start -- [options]

  --port N             where users see the product (3000); 0 takes a free port
  --aws-port N         where SDKs and the AWS CLI call (4566); 0 takes a free port
  --page-port N        where the web page is (3001); 0 takes a free port
  --data FOLDER        where posts, subscriptions and queues are kept (.local)
  --fresh              forgets what is kept
  -c, --context K=V    a setting of the stack, as cdk takes it, e.g. -c restRate=100
  --assembly FOLDER    runs this cloud assembly instead of synthesizing one
  --comprehend-rate N  calls a second that Comprehend allows (20, the quota of AWS)
  --smtp URL           delivers mails to this server too, e.g. smtp://localhost:1025
  --speed N            lets the services wait N times shorter than AWS does, e.g. 60: a minute is a second (1)
  --seed TEXT          what all chance comes from: the same seed has the same faults (local)
  --no-flow            records nothing of the flow, so that the flow view is empty
  --verbose            shows what crosses between the parts
  --help               this text`;

const port = z.coerce.number().check(z.int(), z.gte(0), z.lte(65_535));
const Options = z.object({
  port,
  'aws-port': port,
  'page-port': port,
  data: z.string(),
  fresh: z.boolean(),
  context: z.array(z.string().check(z.regex(/^[^=]+=/, 'must be name=value'))),
  assembly: z.optional(z.string()),
  'comprehend-rate': z.coerce.number().check(z.positive()),
  seed: z.string(),
  speed: z.coerce.number('must be a number').check(z.positive('must be a number above 0')),
  'no-flow': z.boolean(),
  smtp: z.optional(z.url({ protocol: /^smtps?$/ })),
  verbose: z.boolean(),
  help: z.boolean(),
});

/** How long parts may take to end before the process ends anyhow. */
const CLOSING_MS = 1_500;

const project = join(import.meta.dirname, '../../../..');

await main().catch((error: unknown) => {
  const hint =
    error instanceof PortInUseError ? ' Stop what uses it, or choose another: npm start -- --help' : '';
  console.error(`${error instanceof Error ? error.message : error}${hint}`);
  process.exit(1);
});

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const context = Object.fromEntries(options.context.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  const log = terminalLog(options.verbose);
  // Another process synthesizes while this one loads the services.
  const [assembly, { startCloud }] = await Promise.all([
    options.assembly ?? synthesize(project, join(project, '.local', 'assemblies'), context),
    import('../cloud/cloud.ts'),
  ]);
  const cloud = await startCloud({
    assembly,
    port: options.port,
    awsPort: options['aws-port'],
    pagePort: options['page-port'],
    data: join(options.data, 'data'),
    fresh: options.fresh,
    comprehendRate: options['comprehend-rate'],
    flow: !options['no-flow'],
    smtpUrl: options.smtp,
    clock: machineClock(options.speed),
    seed: options.seed,
    log,
  });
  if (!options.assembly) watchSources(project, options.data, cloud, log);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      setTimeout(() => process.exit(), CLOSING_MS).unref();
      // What is cut off by the end of the process is no error.
      await cloud.close().catch(() => {});
      process.exit();
    });
  }
  console.log(banner(cloud, performance.now()));
}

function readOptions(): z.infer<typeof Options> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '3000' },
      'aws-port': { type: 'string', default: '4566' },
      'page-port': { type: 'string', default: '3001' },
      data: { type: 'string', default: '.local' },
      fresh: { type: 'boolean', default: false },
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      assembly: { type: 'string' },
      'comprehend-rate': { type: 'string', default: '20' },
      seed: { type: 'string', default: 'local' },
      'no-flow': { type: 'boolean', default: false },
      smtp: { type: 'string' },
      speed: { type: 'string', default: '1' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('; '),
  );
}

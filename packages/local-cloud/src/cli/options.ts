import { Command, type CommanderError, Option } from 'commander';
import * as z from 'zod/mini';

/** The options of the command line, parsed. */
const Options = z.object({
  config: z.string(),
  port: z.number(),
  awsPort: z.number(),
  pagePort: z.number(),
  data: z.string(),
  fresh: z.boolean(),
  /** The settings of the stack, by name. */
  context: z.record(z.string(), z.string()),
  assembly: z.optional(z.string()),
  skipUnsupported: z.boolean(),
  comprehendRate: z.number(),
  smtp: z.optional(z.string()),
  speed: z.number(),
  seed: z.string(),
  flow: z.boolean(),
  verbose: z.boolean(),
});
export type Options = z.infer<typeof Options>;

type Parser<Value> = (text: string) => Value;

/**
 * Returns a parser of the value of an option.
 * @param what completes "must be"
 */
function parserOf<Value>(name: string, schema: z.ZodMiniType<Value>, what: string): Parser<Value> {
  return (text) => {
    const { success, data } = schema.safeParse(text);
    if (!success) throw new Error(`${name} must be ${what}, not "${text}".`);
    return data;
  };
}

const toNumber = z.pipe(
  z.string().check(z.regex(/^\d+(\.\d+)?$/)),
  z.transform((text) => Number(text)),
);

function port(name: string): Parser<number> {
  const number = z.pipe(toNumber, z.number().check(z.int(), z.lte(65_535)));
  return parserOf(name, number, 'a whole number from 0 to 65535');
}

function positive(name: string): Parser<number> {
  return parserOf(name, z.pipe(toNumber, z.number().check(z.positive())), 'a number above 0');
}

/** A text; another option in its place is a mistake. */
function text(name: string, what: string): Parser<string> {
  return parserOf(name, z.string().check(z.regex(/^(?!--)./s)), what);
}

const smtpUrl = parserOf(
  '--smtp',
  z.string().check(z.refine((url) => URL.canParse(url) && /^smtps?:\/\/[^/]/.test(url))),
  'a URL such as smtp://localhost:1025',
);
const setting = parserOf('-c', z.string().check(z.regex(/^[^=]+=/)), 'NAME=VALUE');

function collect(pair: string, collected: Record<string, string>): Record<string, string> {
  const [name = '', value = ''] = setting(pair).split(/=(.*)/s);
  return { ...collected, [name]: value };
}

/**
 * Parses the command line. Prints the help and exits if it is requested.
 * @param args without the program
 * @throws {Error} if an option is unknown or its value is invalid; the message is one line
 */
export function parseOptions(args: string[]): Options {
  const command = new Command('local-cloud')
    .description('Runs a CDK app on this machine. With npm, options follow "--": npm start -- --port 8080.')
    .option('--config <file>', "the app's configuration", text('--config', 'a file'), 'local-cloud.config.ts')
    .option(
      '--port <number>',
      'the port of the REST API, the WebSocket API and /_local/; 0 uses a free one',
      port('--port'),
      3000,
    )
    .option(
      '--aws-port <number>',
      'the port for SDKs and the AWS CLI; 0 uses a free one',
      port('--aws-port'),
      4566,
    )
    .option('--page-port <number>', 'the port of the web page; 0 uses a free one', port('--page-port'), 3001)
    .option(
      '--data <folder>',
      'where tables, subscriptions and queues are kept',
      text('--data', 'a folder'),
      '.local',
    )
    .option('--fresh', 'deletes the kept data first', false)
    .addOption(
      new Option('-c, --context <name=value>', 'a setting of the stack, as for cdk; can be repeated')
        .argParser(collect)
        .default({}, 'none'),
    )
    .option(
      '--assembly <folder>',
      'runs this cloud assembly instead of synthesizing one',
      text('--assembly', 'a folder'),
    )
    .option('--skip-unsupported', 'starts without what the local cloud does not support', false)
    .option(
      '--comprehend-rate <number>',
      "Comprehend's quota, calls a second",
      positive('--comprehend-rate'),
      20,
    )
    .option('--smtp <url>', 'delivers e-mails to this SMTP server too', smtpUrl)
    .option(
      '--speed <number>',
      'divides the delays of AWS, e.g. 60 makes a minute a second',
      positive('--speed'),
      1,
    )
    .option(
      '--seed <text>',
      'the seed of all random numbers: the same seed has the same faults',
      text('--seed', 'a text'),
      'local',
    )
    .option('--no-flow', 'records nothing for the flow view')
    .option('--verbose', 'shows the payloads between the services', false)
    .allowExcessArguments()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => {} })
    .exitOverride((error) => {
      if (error.exitCode === 0) process.exit(0);
      throw new Error(problemOf(error));
    });
  const options = Options.parse(command.parse(args, { from: 'user' }).opts());
  const [excess] = command.args;
  if (excess !== undefined) throw new Error(`There is no argument "${excess}". ${HINT}`);
  refuseContradictions(options);
  return options;
}

const HINT = '--help lists the options.';

/** Returns commander's message in the form of the others. */
function problemOf({ code, message }: CommanderError): string {
  const [, flags = ''] = /'(.*?)'/.exec(message) ?? [];
  if (code === 'commander.unknownOption') return `There is no option ${flags}. ${HINT}`;
  if (code === 'commander.optionMissingArgument') return `The option ${flags} needs a value.`;
  return message.replace(/^error: /, '');
}

function refuseContradictions({ assembly, awsPort, context, pagePort, port: apiPort }: Options): void {
  const settings = Object.keys(context);
  if (assembly !== undefined && settings.length > 0)
    throw new Error(
      `-c ${settings.join(', -c ')} has no effect with --assembly: synthesize the assembly with it, or omit --assembly.`,
    );
  const ports: [string, number][] = [
    ['--port', apiPort],
    ['--aws-port', awsPort],
    ['--page-port', pagePort],
  ];
  for (const [index, [name, number]] of ports.entries()) {
    const other = ports.slice(0, index).find(([, taken]) => number !== 0 && taken === number);
    if (other) throw new Error(`${other[0]} and ${name} must be different ports, not both ${number}.`);
  }
}

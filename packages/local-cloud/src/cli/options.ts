import { Command, InvalidArgumentError, Option } from 'commander';
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
  comprehendRate: z.number(),
  smtp: z.optional(z.string()),
  speed: z.number(),
  seed: z.string(),
  flow: z.boolean(),
  verbose: z.boolean(),
});
export type Options = z.infer<typeof Options>;

/** Returns a parser for the values that a schema accepts; `what` completes "must be". */
function parserOf<Value>(schema: z.ZodMiniType<Value>, what: string): (text: string) => Value {
  return (text) => {
    const { success, data } = schema.safeParse(text);
    if (!success) throw new InvalidArgumentError(`It must be ${what}.`);
    return data;
  };
}

const port = parserOf(
  z.coerce.number().check(z.int(), z.gte(0), z.lte(65_535)),
  'a whole number from 0 to 65535',
);
const positive = parserOf(z.coerce.number().check(z.positive()), 'a number above 0');
const smtpUrl = parserOf(z.url({ protocol: /^smtps?$/ }), 'a URL such as smtp://localhost:1025');
const setting = parserOf(z.string().check(z.regex(/^[^=]+=/)), 'NAME=VALUE');

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
    .option('--config <file>', "the app's configuration", 'local-cloud.config.ts')
    .option(
      '--port <number>',
      'the port of the REST API, the WebSocket API and /_local/; 0 uses a free one',
      port,
      3000,
    )
    .option('--aws-port <number>', 'the port for SDKs and the AWS CLI; 0 uses a free one', port, 4566)
    .option('--page-port <number>', 'the port of the web page; 0 uses a free one', port, 3001)
    .option('--data <folder>', 'where tables, subscriptions and queues are kept', '.local')
    .option('--fresh', 'deletes the kept data first', false)
    .addOption(
      new Option('-c, --context <name=value>', 'a setting of the stack, as for cdk; can be repeated')
        .argParser(collect)
        .default({}, 'none'),
    )
    .option('--assembly <folder>', 'runs this cloud assembly instead of synthesizing one')
    .option('--comprehend-rate <number>', "Comprehend's quota, calls a second", positive, 20)
    .option('--smtp <url>', 'delivers e-mails to this SMTP server too', smtpUrl)
    .option('--speed <number>', 'divides the delays of AWS, e.g. 60 makes a minute a second', positive, 1)
    .option('--seed <text>', 'the seed of all random numbers: the same seed has the same faults', 'local')
    .option('--no-flow', 'records nothing for the flow view')
    .option('--verbose', 'shows the payloads between the services', false)
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => {} })
    .exitOverride((error) => {
      if (error.exitCode === 0) process.exit(0);
      throw new Error(error.message.replace(/^error: /, ''));
    });
  return Options.parse(command.parse(args, { from: 'user' }).opts());
}

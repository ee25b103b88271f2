import * as z from 'zod/mini';

const amount = z.coerce
  .number('must be a whole number above 0')
  .check(z.refine((value) => Number.isInteger(value) && value > 0, 'must be a whole number above 0'));

const stageRule = 'must be 1 to 20 of a-z, 0-9 and -, a letter first';

/** A value of `-c` is a string; `cdk.json` has booleans. */
const toggle = z.pipe(
  z.literal([true, false, 'true', 'false'], 'must be true or false'),
  z.transform((value) => String(value) === 'true'),
);

/**
 * The settings that `-c name=value` takes, with their defaults. `restRate` is in requests a second,
 * and `restBurst` in requests, for each method of the REST API. `webSocketRate` is in messages a
 * second to the WebSocket API. `page` is whether the stack has the web page, and so CloudFront.
 */
const Settings = z.object({
  stage: z._default(z.string(stageRule).check(z.regex(/^[a-z][a-z0-9-]{0,19}$/, stageRule)), 'dev'),
  restRate: z._default(amount, 20),
  restBurst: z._default(amount, 40),
  webSocketRate: z._default(amount, 50),
  page: z._default(toggle, true),
});

export type Settings = z.infer<typeof Settings>;

/**
 * Reads the settings of a deployment from the context of the app, where the values of `-c` are
 * strings.
 * @param given the names in the context. The CDK's own have one of `@:/` in them.
 * @throws {Error} with one line that names every invalid or unknown setting
 */
export function readSettings(context: (name: string) => unknown, given: readonly string[] = []): Settings {
  const names = Object.keys(Settings.shape);
  const unknown = given.filter((name) => !/[@:/]/.test(name) && !names.includes(name));
  const result = Settings.safeParse(Object.fromEntries(names.map((name) => [name, context(name)])));
  if (result.success && unknown.length === 0) return result.data;
  const problems = [
    ...unknown.map((name) => `-c ${name}: there is no such setting, only ${names.join(', ')}`),
    ...(result.error?.issues ?? []).map(({ message, path }) => {
      const name = path.join('.');
      return `-c ${name}: ${message}, not ${JSON.stringify(context(name))}`;
    }),
  ];
  throw new Error(problems.join('; '));
}

import * as z from 'zod/mini';
import { newPosts } from '../model/mail-budget.ts';

const amount = z.coerce
  .number('must be a whole number above 0')
  .check(z.refine((value) => Number.isInteger(value) && value > 0, 'must be a whole number above 0'));

const emailRule = 'must be an e-mail address';

const stageRule = 'must be 1 to 20 of a-z, 0-9 and -, a letter first';

/** The name of a stage. */
export const stageName = z.string(stageRule).check(z.regex(/^[a-z][a-z0-9-]{0,19}$/, stageRule));

/** A value of `-c` is a string; `cdk.json` has booleans. */
export const toggle = z.pipe(
  z.literal([true, false, 'true', 'false'], 'must be true or false'),
  z.transform((value) => String(value) === 'true'),
);

/**
 * The settings that `-c name=value` takes. `restRate` is in requests a second, and `restBurst` in
 * requests, for each method of the REST API. `postRate` and `postBurst` are the same for `POST
 * /posts`, whose posts are mailed. `webSocketRate` is in messages a second to the WebSocket API.
 * `alarmEmail` is the address that is told about alarms and costs, and `monthlyBudget` the budget of
 * the account in US dollars a month.
 * `page` says whether the stack has the web page, and therefore CloudFront. `waf` says whether AWS
 * WAF limits the requests of each IP address. `archiveDays` is the number of days for which
 * events can be replayed.
 */
const Given = z.object({
  stage: z._default(stageName, 'dev'),
  restRate: z.optional(amount),
  restBurst: z.optional(amount),
  postRate: z.optional(amount),
  postBurst: z.optional(amount),
  webSocketRate: z._default(amount, 50),
  alarmEmail: z.optional(z.string(emailRule).check(z.email(emailRule))),
  monthlyBudget: z.optional(amount),
  page: z._default(toggle, true),
  waf: z._default(toggle, false),
  archiveDays: z._default(amount, 30),
});

type Given = z.infer<typeof Given>;
export type Settings = Given & Required<Pick<Given, 'restRate' | 'restBurst' | 'postRate' | 'postBurst'>>;

/**
 * Reads the settings of a deployment from the context of the app, where the values of `-c` are
 * strings. `POST /posts` is a method of the REST API, so a `restRate` or `restBurst` in the context
 * is its limit too, unless it has its own.
 * @param given the names in the context. The CDK's own names contain `@`, `:` or `/`.
 * @throws {Error} with one line that names every invalid or unknown setting
 */
export function readSettings(context: (name: string) => unknown, given: readonly string[] = []): Settings {
  const names = Object.keys(Given.shape);
  const unknown = given.filter((name) => !/[@:/]/.test(name) && !names.includes(name));
  const result = Given.safeParse(Object.fromEntries(names.map((name) => [name, context(name)])));
  if (result.success && unknown.length === 0) {
    const { restRate, restBurst, postRate, postBurst, ...others } = result.data;
    return {
      ...others,
      restRate: restRate ?? 20,
      restBurst: restBurst ?? 40,
      postRate: postRate ?? restRate ?? newPosts.rate,
      postBurst: postBurst ?? restBurst ?? newPosts.burst,
    };
  }
  const problems = [
    ...unknown.map((name) => `-c ${name}: there is no such setting, only ${names.join(', ')}`),
    ...(result.error?.issues ?? []).map(({ message, path }) => {
      const name = path.join('.');
      return `-c ${name}: ${message}, not ${JSON.stringify(context(name))}`;
    }),
  ];
  throw new Error(problems.join('; '));
}

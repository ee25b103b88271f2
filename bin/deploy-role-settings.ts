import * as z from 'zod/mini';
import { stageName, toggle } from './settings.ts';

const name = '[A-Za-z0-9_.-]+(?:@[0-9]+)?';
const repositoryRule = 'must be owner/name or owner@id/name@id';

/**
 * The settings of the roles for GitHub. `repository` is the repository as its tokens name it,
 * `environments` are the stages that it deploys to this account, separated by commas, and `provider`
 * says whether the stack creates the account's identity provider.
 */
const Given = z.object({
  repository: z.string(repositoryRule).check(z.regex(new RegExp(`^${name}/${name}$`), repositoryRule)),
  environments: z.prefault(
    z.pipe(
      z.string('must be stages, separated by commas'),
      z.pipe(
        z.transform((text: string) => text.split(',')),
        z.array(stageName),
      ),
    ),
    'dev,prod',
  ),
  provider: z._default(toggle, true),
});

/**
 * Reads the settings of the roles from the context of the app.
 * @throws {Error} with one line that names every invalid setting
 */
export function readDeployRoleSettings(context: (name: string) => unknown): z.infer<typeof Given> {
  const names = Object.keys(Given.shape);
  const result = Given.safeParse(Object.fromEntries(names.map((setting) => [setting, context(setting)])));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ message, path }) => {
    const setting = String(path[0]);
    return `-c ${setting}: ${message}, not ${JSON.stringify(context(setting))}`;
  });
  throw new Error(problems.join('; '));
}

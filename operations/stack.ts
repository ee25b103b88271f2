import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import * as z from 'zod/mini';

/** The outputs of the stack that are known by name here; the others are strings too. */
const Outputs = z.catchall(
  z.object({
    ApiUrl: z.string(),
    PostsTableName: z.string(),
    PublishPostUpdatesFunctionName: z.string(),
    RecognizeEntitiesFunctionName: z.string(),
    RelayAnnouncementsFunctionName: z.string(),
  }),
  z.string(),
);

/** A stack that runs, and how SDK clients reach it. */
export interface Stack {
  outputs: z.infer<typeof Outputs>;
  /** Nothing in AWS: there the environment says which region and whose credentials. */
  settings: {
    endpoint?: string;
    region?: string;
    credentials?: { accessKeyId: string; secretAccessKey: string };
  };
  /** The URLs of its queues, by their names in the stack. */
  queueUrls: Map<string, string>;
}

/** @throws {Error} when there is no such stack, or it is another app's */
export async function deployedStack(name: string): Promise<Stack> {
  const { Stacks: [stack] = [] } = await new CloudFormationClient().send(
    new DescribeStacksCommand({ StackName: name }),
  );
  const outputs = (stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
  return stackOf(Object.fromEntries(outputs), {});
}

/**
 * @param url where users see the local cloud, e.g. `http://localhost:3000`
 * @throws {Error} when it does not run there
 */
export async function localStack(url: string): Promise<Stack> {
  const answer = await fetch(`${url}/_local/outputs`).catch((cause: unknown) => {
    throw new Error(`There is no local cloud at ${url}: start it with npm start, or name another --url.`, {
      cause,
    });
  });
  return localStackOf(await answer.json());
}

/** The stack of a local cloud with these outputs. The queues are where all of AWS is. */
export function localStackOf(outputs: unknown): Stack {
  const stack = stackOf(outputs, {
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const [queueUrl] = stack.queueUrls.values();
  if (queueUrl !== undefined) stack.settings.endpoint = new URL(queueUrl).origin;
  return stack;
}

function stackOf(given: unknown, settings: Stack['settings']): Stack {
  const { data: outputs } = Outputs.safeParse(given);
  if (!outputs)
    throw new Error('The stack has not the outputs of this app: is it deployed from this version?');
  const queues = Object.entries(outputs)
    .filter(([, value]) => /^https?:\/\/[^/]+\/\d{12}\/[^/]+$/.test(value))
    .map(([name, url]) => [name.replace(/Url$/, ''), url] as const);
  return { outputs, settings, queueUrls: new Map(queues) };
}

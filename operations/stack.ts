import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import * as z from 'zod/mini';

/** The outputs of the stack. Those that operations use by name are required; all are strings. */
const Outputs = z.catchall(
  z.object({
    ApiUrl: z.string(),
    /** Absent from a stack that was deployed before there was an archive. */
    BlogArchiveName: z.optional(z.string()),
    PostsTableName: z.string(),
    PublishPostUpdatesFunctionName: z.string(),
    RecognizeEntitiesFunctionName: z.string(),
    RelayAnnouncementsFunctionName: z.string(),
  }),
  z.string(),
);

/** A deployed stack, and how SDK clients reach it. */
export interface Stack {
  outputs: z.infer<typeof Outputs>;
  /** Empty in AWS, where the environment names the region and the credentials. */
  settings: {
    endpoint?: string;
    region?: string;
    credentials?: { accessKeyId: string; secretAccessKey: string };
  };
  /** The URLs of its dead-letter queues, by their names in the stack. */
  queueUrls: Map<string, string>;
}

/**
 * Returns a stack in AWS.
 * @throws {Error} if the stack does not exist, or belongs to another app
 */
export async function deployedStack(name: string): Promise<Stack> {
  const { Stacks: [stack] = [] } = await new CloudFormationClient()
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const hint = 'Set AWS_REGION and the credentials, or pass --local for the local cloud.';
      throw new Error(`The stack ${name} cannot be read in AWS: ${reason.replace(/\.$/, '')}. ${hint}`, {
        cause,
      });
    });
  const outputs = (stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
  return stackOf(Object.fromEntries(outputs), {});
}

/**
 * Returns the stack of a running local cloud.
 * @param url where users see the local cloud, e.g. `http://localhost:3000`
 * @throws {Error} if no local cloud runs there
 */
export async function localStack(url: string): Promise<Stack> {
  const outputs = await outputsOf(url).catch((cause: unknown) => {
    throw new Error(`There is no local cloud at ${url}. Start it with npm start, or pass another --url.`, {
      cause,
    });
  });
  return localStackOf(outputs);
}

async function outputsOf(url: string): Promise<unknown> {
  const answer = await fetch(`${url.replace(/\/$/, '')}/_local/outputs`);
  if (!answer.ok) throw new Error(`The response is ${answer.status}.`);
  return answer.json();
}

/**
 * Returns the stack of a local cloud by its outputs. All its AWS services have the origin of its
 * queues' URLs.
 */
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
    throw new Error('The stack does not have the outputs of this app. Deploy it from this version.');
  const queues = Object.entries(outputs)
    .filter(([, value]) => /^https?:\/\/[^/]+\/\d{12}\/[^/]+$/.test(value))
    .map(([name, url]) => [name.replace(/Url$/, ''), url] as const);
  return { outputs, settings, queueUrls: new Map(queues) };
}

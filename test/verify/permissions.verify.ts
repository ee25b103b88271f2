import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Log } from 'local-cloud/log';
import { removalsOf } from '../../checks/permissions/removals.ts';
import { type TourOutcome, tour } from '../../checks/permissions/tour.ts';
import { StackGraph } from '../../checks/stack-graph.ts';
import { editedAssembly } from '../../testing/assembly.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

/**
 * Removals that a local cloud cannot notice, with AWS's page that says why an account needs them.
 */
const unnoticed = [
  {
    what: /Allow logs:(CreateLogStream|PutLogEvents)$/,
    why: 'Lambda writes the logs: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html',
  },
  {
    what: /Allow xray:Put(TraceSegments|TelemetryRecords)$/,
    why: 'Lambda sends the traces: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html',
  },
  {
    what: /Deny (sqs:\*|sns:Publish|s3:\* on .*)$/,
    why: 'Forbids plain HTTP, which the local endpoint does not check: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html',
  },
  {
    what: /^PostApi\/Api\/CloudWatchRole: /,
    why: 'Checked when the account is set up: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html',
  },
  {
    what: /^AlarmTopic\/Policy: Allow sns:Publish$/,
    why: 'CloudWatch publishes to it: https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger',
  },
  {
    what: /^Custom::|^WebPage\/Bucket\/Policy: Allow (?!s3:GetObject$)/,
    why: 'A deployment fills and empties the bucket: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html',
  },
];

/** A log that keeps the refusals. */
class Refusals implements Log {
  readonly lines: string[] = [];
  info(): void {}
  trace(): void {}
  warn(): void {}
  error(_source: string, message: string): void {
    if (message.includes('is not authorized')) this.lines.push(message);
  }
}

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function assemblyWith(edit: (template: string) => string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'permissions-'));
  folders.push(folder);
  return editedAssembly(folder, edit);
}

/** Runs the tour with a template. Returns its outcome, the refusals, and the graph of the stack. */
async function run(
  template: string,
  isOver: (outcome: TourOutcome, refusals: string[]) => boolean = () => false,
) {
  const log = new Refusals();
  const cloud = await VirtualCloud.start(await assemblyWith(() => template), log);
  try {
    const graph = new StackGraph(await cloud.architecture());
    const outcome = await tour(cloud, (soFar) => isOver(soFar, log.lines));
    return { outcome, refusals: log.lines, graph };
  } finally {
    await cloud.stop();
  }
}

/** The template without a removal, and its tour. */
let whole: string;
let complete: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  whole = readFileSync(join(await assemblyWith((template) => template), 'Blog-dev.template.json'), 'utf8');
  complete = await run(whole);
});

/** Returns the number of new messages in each queue that has received any. */
function added(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([queue, count]) => [queue, count - (before[queue] ?? 0)] as const)
      .filter(([, count]) => count !== 0),
  );
}

it('refuses nothing with the complete template', () => {
  expect(complete.refusals).toEqual([]);
});

it('passes every hop with the complete template', () => {
  const { everythingWorks, lateClient, silentClient, subscriptions, manyListeners, functionsFail } =
    complete.outcome;
  expect(everythingWorks).toEqual({
    status: 201,
    page: 200,
    read: [200, 200, 200, 404],
    messages: ['pong', 'post.updated', 'post.updated', 'post.removed'],
    mails: 3,
    connections: 2,
    queues: { UnpublishedUpdates: 1 },
  });
  expect(lateClient).toEqual({ messages: ['post.updated', 'subscribed', 'unsubscribed'], connections: 3 });
  expect(silentClient).toEqual({ closed: true, connections: 3, queues: { UnpublishedUpdates: 1 } });
  expect(subscriptions).toEqual({
    accepted: 202,
    other: 202,
    failed: 503,
    repeated: 202,
    full: 503,
    mails: [2, 1],
  });
  expect(manyListeners).toEqual({ queues: { UnpublishedUpdates: 1, PushToConnectionsUndelivered: 2 } });
  expect(functionsFail?.connections).toBe(0);
});

it('sends failures to every queue with the complete template', () => {
  const { manyListeners, functionsFail, targetsFail } = complete.outcome;
  const { graph } = complete;
  const queues = [manyListeners, functionsFail, targetsFail].map((stage) => stage?.queues ?? {});
  const [before = {}, afterFunctions = {}, afterTargets = {}] = queues;
  const ofFunctions = Object.values(added(before, afterFunctions));
  const ofTargets = Object.values(added(afterFunctions, afterTargets));
  // Each function fails on one event, and so does the delivery to each target.
  expect(ofFunctions).toEqual([...graph.consumers, ...graph.scheduled].map(() => 1));
  expect(ofTargets).toEqual(graph.edges.filter(({ from }) => graph.kindOf(from) === 'rule').map(() => 1));
  expect(Object.keys(afterTargets).sort()).toEqual(graph.labelsOf('queue').sort());
});

it('fails and logs a refusal after every removal that is not on the list', async () => {
  const wrong: object[] = [];
  const removals = removalsOf(whole).filter(
    ({ name }) => !name.endsWith('sts:AssumeRole') && !unnoticed.some(({ what }) => what.test(name)),
  );
  expect(removals.length).toBeGreaterThan(25);
  for (const { name, actions, refusing, template } of removals) {
    const isTold = (refusals: string[]) =>
      refusals.some(
        (line) =>
          line.startsWith(`Blog-dev/${refusing}/Resource: `) &&
          actions.some((action) => line.toLowerCase().includes(`perform: ${action} `.toLowerCase())),
      );
    const isNoticed = (outcome: TourOutcome, refusals: string[]) =>
      isTold(refusals) && !isDeepStrictEqual({ ...complete.outcome, ...outcome }, complete.outcome);
    const { outcome, refusals } = await run(template, isNoticed);
    if (!isNoticed(outcome, refusals)) wrong.push({ name, outcome, refusals });
  }
  expect(wrong).toEqual([]);
}, 1_800_000);

it('does not start with a role that Lambda may not assume', async () => {
  const removals = removalsOf(whole).filter(
    ({ name }) => name.endsWith('sts:AssumeRole') && !unnoticed.some(({ what }) => what.test(name)),
  );
  expect(removals).toHaveLength(complete.graph.labelsOf('function').length);
  for (const { template } of removals)
    await expect(run(template)).rejects.toThrow(
      'The role defined for the function cannot be assumed by Lambda.',
    );
});

it('lists only removals that exist in the template', () => {
  const names = removalsOf(whole).map(({ name }) => name);
  for (const { what } of unnoticed) expect(names).toContainEqual(expect.stringMatching(what));
});

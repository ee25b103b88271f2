import { setTimeout } from 'node:timers/promises';
import type { Dice } from './dice.ts';

/** How long a fault is switched on, in milliseconds. */
const duration = 1_000;

/** Fields of a fault as `/_local/faults` takes it; packages/local-cloud/docs/local-cloud.md, "Faults on demand". */
type Fields = Record<string, string | number>;

/** What passes: whoever tries again gets through. */
const passing: Fields[] = [
  { fault: 'error' },
  { fault: 'error', when: 'after' },
  { fault: 'throttle' },
  { fault: 'delay', ms: 500 },
  // Longer than the SDK's time-out.
  { fault: 'delay', ms: 3_000 },
  { fault: 'drop' },
  { fault: 'drop', when: 'after' },
  { fault: 'crash' },
  { fault: 'crash', when: 'during' },
  { fault: 'crash', when: 'after' },
  { fault: 'late', ms: 3_000 },
  { fault: 'duplicate' },
  { fault: 'reorder' },
];

/** What a rule's target refuses for good: the event goes to its queue at once. */
const refused: Fields = { fault: 'error', code: 'NotFoundException', status: 404 };

/** Often enough that some posts end in each queue. */
const handOver = [...passing, refused, refused, refused];

/** What Comprehend refuses for good: the post is marked. */
const notAnalysed: Fields = { fault: 'error', code: 'TextSizeLimitExceededException', status: 400 };

/** The calls of each function on the way of a post and of a client. */
const calls: Record<string, string[]> = {
  'create-post': ['dynamodb:PutItem', 'events:PutEvents', 'dynamodb:UpdateItem'],
  'relay-announcements': ['dynamodb:Scan', 'dynamodb:GetItem', 'events:PutEvents', 'dynamodb:UpdateItem'],
  'recognize-entities': ['dynamodb:UpdateItem'],
  'publish-post-updates': ['events:PutEvents'],
  // Too few listen for a push to be split.
  'push-post-update': [
    'dynamodb:GetItem',
    'dynamodb:Query',
    'dynamodb:DeleteItem',
    'execute-api:PostToConnection',
  ],
  'send-post-state': ['dynamodb:GetItem', 'dynamodb:DeleteItem', 'execute-api:PostToConnection'],
  'manage-connections': [
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:GetItem',
    'dynamodb:DeleteItem',
    'events:PutEvents',
  ],
};

/** The hops of the flow, each with what can go wrong there. */
const hops: { where: Fields; faults: Fields[] }[] = [
  { where: { service: 'apigateway', operation: 'POST /posts' }, faults: passing },
  { where: { service: 'sns', operation: 'Publish' }, faults: handOver },
  { where: { service: 'sns', operation: 'Deliver' }, faults: passing },
  { where: { hop: 'blogPostCreation → recognize-entities' }, faults: handOver },
  { where: { hop: 'BlogPostUpdate → push-post-update' }, faults: handOver },
  { where: { hop: 'ConnectionOpened → send-post-state' }, faults: handOver },
  {
    where: { service: 'comprehend', operation: 'DetectEntities' },
    faults: [...passing, notAnalysed, notAnalysed, notAnalysed],
  },
  { where: { service: 'dynamodb', operation: 'GetRecords' }, faults: passing },
  ...Object.entries(calls).flatMap(([name, operations]) => [
    // The runs of the function itself.
    { where: { function: name }, faults: passing },
    ...operations.map((call) => {
      const [service = '', operation = ''] = call.split(':');
      return { where: { function: name, service, operation }, faults: passing };
    }),
  ]),
];

const kinds = [...new Set(hops.flatMap(({ faults }) => faults.map(({ fault }) => String(fault))))].sort();

/** A fault of any kind at any hop, as chance has it. */
export function randomFault(dice: Dice): Fields {
  const { where, faults } = dice.pick(hops);
  return { ...where, ...dice.pick(faults), probability: dice.pick([0.3, 1]) };
}

/**
 * Has another fault switched on in a local cloud each second, and leaves none switched on.
 * @param url where users see the local cloud
 * @param until when the time is up, in milliseconds since the epoch
 */
export async function changeFaults(url: string, dice: Dice, until: number): Promise<void> {
  const faults = `${url}/_local/faults`;
  while (Date.now() < until) {
    const fault = randomFault(dice);
    const answer = await fetch(faults, { method: 'POST', body: JSON.stringify(fault) });
    if (!answer.ok) throw new Error(`This is no fault: ${JSON.stringify(fault)}: ${await answer.text()}`);
    await setTimeout(duration);
    await fetch(faults, { method: 'DELETE' });
  }
}

/** How often a fault of each kind has struck, by the lines in which a local cloud says so. */
export function strikesIn(output: string): Map<string, number> {
  const strikes = new Map(kinds.map((kind) => [kind, 0]));
  for (const [, kind = ''] of output.matchAll(/^\S+ +fault +(\S+) at /gm))
    strikes.set(kind, (strikes.get(kind) ?? 0) + 1);
  return strikes;
}

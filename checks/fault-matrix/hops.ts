import { Fault } from 'local-cloud/faults';

/** A place on the way of a post where something can go wrong. */
export interface Hop {
  name: string;
  /** Where a fault is put to strike it, each an alternative. */
  where: Record<string, string>[];
  /** Whether a function makes the call or is run there, so that a worker can die of it. */
  worker: boolean;
  /** How long the caller waits at most for an answer, in milliseconds; absent where it is a service. */
  patience?: number;
  /** Whether what passes it stays in order whatever happens, since one comes only after the other. */
  inOrder?: boolean;
  /** How often a post passes it, when nothing goes wrong; once if absent. */
  passages?: number;
}

/** The time-outs of the handlers' SDK clients. */
const sdkPatience = 2_000;
const comprehendPatience = 20_000;

const call = (name: string, functions: string[], permission: string, patience = sdkPatience): Hop => {
  const [service = '', operation = ''] = permission.split(':');
  return {
    name,
    where: functions.map((of) => ({ function: of, service, operation })),
    worker: true,
    patience,
  };
};
const run = (name: string, of: string): Hop => ({
  name,
  where: [{ function: of }],
  worker: true,
});
const handOver = (name: string, where: Record<string, string>): Hop => ({
  name,
  where: [where],
  worker: false,
});

/** Where a post is announced and mailed. The relay is struck where it does what `create-post` did not. */
const hopsToMail: Hop[] = [
  call('put event', ['create-post', 'relay-announcements'], 'events:PutEvents'),
  call('clear marker', ['create-post', 'relay-announcements'], 'dynamodb:UpdateItem'),
  handOver('publish to SNS', { service: 'sns', operation: 'Publish' }),
  handOver('deliver mail', { service: 'sns', operation: 'Deliver' }),
];

const hopsToEnrichment: Hop[] = [
  handOver('invoke recognize-entities', { hop: 'blogPostCreation → recognize-entities' }),
  run('run recognize-entities', 'recognize-entities'),
  call('call Comprehend', ['recognize-entities'], 'comprehend:DetectEntities', comprehendPatience),
  call('update post', ['recognize-entities'], 'dynamodb:UpdateItem'),
];

/** The way of its update to the clients, those too that come late. */
const hopsToClients: Hop[] = [
  { ...handOver('read stream', { service: 'dynamodb', operation: 'GetRecords' }), inOrder: true },
  { ...run('run publish-post-updates', 'publish-post-updates'), inOrder: true },
  { ...call('put update event', ['publish-post-updates'], 'events:PutEvents'), inOrder: true },
  handOver('invoke push-post-update', { hop: 'BlogPostUpdate → push-post-update' }),
  run('run push-post-update', 'push-post-update'),
  call('read post', ['push-post-update'], 'dynamodb:GetItem'),
  call('read connections', ['push-post-update'], 'dynamodb:Query'),
  { ...call('post to connection', ['push-post-update'], 'execute-api:PostToConnection'), passages: 10 },
  handOver('invoke send-post-state', { hop: 'ConnectionOpened → send-post-state' }),
  run('run send-post-state', 'send-post-state'),
];

/** The way of a post from the request to the client. */
export const hops: Hop[] = [
  call('save', ['create-post'], 'dynamodb:PutItem'),
  ...hopsToMail,
  ...hopsToEnrichment,
  ...hopsToClients,
];

export const kinds = [
  'one error',
  'time-out',
  'crash before',
  'crash in the middle',
  'crash after',
  'twice',
  'out of order',
  // Last, as the SDK in a worker hardly repeats anything for a while when much of that was in vain.
  'throttling',
  'errors for 10 min',
] as const;
export type Kind = (typeof kinds)[number];

/** What goes wrong where. */
export interface Cell {
  hop: Hop;
  kind: Kind;
}

/** Whether a single fault there, or its cure, may be noticed by an author: the request is cut off, or cannot be saved. */
export function mayRefuse({ hop, kind }: Cell): boolean {
  const isOfRequest = hop.where.some((where) => where.function === 'create-post');
  if (kind.startsWith('crash')) return isOfRequest;
  return hop.name === 'save' && (kind === 'throttling' || kind === 'errors for 10 min');
}

/** Whether readers may be mailed a post twice: nothing that comes later does it again. */
export function mayRepeatMails({ hop }: Cell): boolean {
  return hopsToMail.includes(hop);
}

/** Whether clients may be told the same state twice: what comes before is done once, however often it is begun. */
export function mayRepeatPushes({ hop }: Cell): boolean {
  return hopsToClients.includes(hop);
}

/**
 * Whether an operator may find something to finish: when a function has failed for longer than its repeats last. When the
 * calls to all connections of all posts are throttled, the SDK soon repeats none of them any more, and Lambda has two
 * repeats.
 */
export function mayNeedOperator({ hop, kind }: Cell): boolean {
  if (hop.name === 'post to connection' && kind === 'throttling') return true;
  const isOfFunction = hop.where.some((where) => functionsOfEvents.includes(where.function ?? ''));
  return kind === 'errors for 10 min' && isOfFunction;
}

/** Those that Lambda repeats twice. */
const functionsOfEvents = ['recognize-entities', 'push-post-update', 'send-post-state'];

/** Whether an operator has to be told, although there is nothing to do: the relay cannot do its work. */
export function mustTell({ hop, kind }: Cell): boolean {
  return kind === 'errors for 10 min' && hop.where.some((where) => where.function === 'relay-announcements');
}

export const allCells: Cell[] = hops.flatMap((hop) =>
  kinds.filter((kind) => !(hop.inOrder && kind === 'out of order')).map((kind) => ({ hop, kind })),
);

/** How many of the posts a fault strikes whose cure takes a new worker, which costs the machine much. */
const few = 0.25;

/** The faults of a cell. */
export function faultsOf({ hop, kind }: Cell): Fault[] {
  return hop.where.map((where) => Fault.parse({ ...where, ...fieldsOf(hop, kind) }));
}

function fieldsOf({ worker, patience, passages = 1 }: Hop, kind: Kind): Record<string, string | number> {
  const crash = (fields: Record<string, string>) => ({ ...fields, times: 1, probability: few / passages });
  switch (kind) {
    case 'one error':
      return { fault: 'error', times: 1 };
    case 'errors for 10 min':
      return { fault: 'error' };
    case 'throttling':
      return { fault: 'throttle', times: 3 };
    case 'time-out':
      // It is done all the same, when nobody waits for it any more.
      return patience === undefined
        ? { fault: 'late', ms: 30_000, times: 1 }
        : { fault: 'delay', ms: 1.5 * patience, times: 1 };
    case 'crash before':
      return crash(worker ? { fault: 'crash', when: 'before' } : { fault: 'drop', when: 'before' });
    case 'crash in the middle':
      // A service that dies in the middle has done it, and answers with an error.
      return crash(worker ? { fault: 'crash', when: 'during' } : { fault: 'error', when: 'after' });
    case 'crash after':
      return crash(worker ? { fault: 'crash', when: 'after' } : { fault: 'drop', when: 'after' });
    case 'twice':
      return { fault: 'duplicate' };
    case 'out of order':
      return { fault: 'reorder' };
  }
}

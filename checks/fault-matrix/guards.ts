import type { Kind } from './cells.ts';
import type { Edit } from './edits.ts';

/**
 * A part of the stack that the promise depends on, and the cell of the matrix that fails without
 * it.
 */
export interface Guard {
  name: string;
  removal: Edit;
  /** The name of its hop, and the kind of its fault. */
  cell: { hop: string; kind: Kind };
  /** What the cell reports without it. */
  breaks: RegExp;
  /** Shortens the retries if they take longer than a cell lasts. */
  sooner?: Edit;
}

/**
 * Returns a guard whose removal takes a text out of a source file, or puts another in its place.
 */
const code = (
  name: string,
  [file, text, by = '']: [file: string, text: string, by?: string],
  [hop, kind]: [string, Kind],
  breaks: RegExp,
): Guard => ({ name, removal: { file, text, by }, cell: { hop, kind }, breaks });

/**
 * The reports of a client that misses a state, a reader that misses an e-mail, a post that is lost,
 * and a transient fault that needs an operator.
 */
const unseen = /has not seen/;
const unmailed = /was not mailed/;
const lost = /waits nowhere/;
const unhealed = /waited for an operator/;

const target = (rule: string, index: number, ...setting: string[]) => ({
  construct: rule,
  at: ['Properties', 'Targets', index, ...setting],
});
const invocations = (of: string, setting: string) => ({
  construct: `${of}/Live/EventInvokeConfig`,
  at: ['Properties', setting],
});
const stream = (setting: string) => ({
  construct: 'PostUpdates/PublishPostUpdates/PostsStream',
  at: ['Properties', setting],
});

/** Guards of the delivery of an event to a target. */
const targetGuards = [
  { name: 'SNS', rule: 'PostProcessing/Rule', index: 0, hop: 'blogPostCreation → Topic', loses: unmailed },
  {
    name: 'recognize-entities',
    rule: 'PostProcessing/Rule',
    index: 1,
    hop: 'blogPostCreation → recognize-entities',
    loses: lost,
  },
  {
    name: 'push-post-update',
    rule: 'PostUpdates/Rule',
    index: 0,
    hop: 'BlogPostUpdate → push-post-update',
    loses: unseen,
  },
  {
    name: 'send-post-state',
    rule: 'PostUpdates/ConnectionOpenedRule',
    index: 0,
    hop: 'ConnectionOpened → send-post-state',
    loses: unseen,
  },
].flatMap(({ name, rule, index, hop, loses }): Guard[] => {
  const retries = target(rule, index, 'RetryPolicy', 'MaximumRetryAttempts');
  return [
    {
      name: `the retries of the delivery to ${name}`,
      removal: { ...retries, to: 0 },
      cell: { hop, kind: 'one error' },
      breaks: unhealed,
    },
    {
      name: `the dead-letter queue of the delivery to ${name}`,
      removal: target(rule, index, 'DeadLetterConfig'),
      sooner: { ...retries, to: 2 },
      cell: { hop, kind: 'errors for 10 min' },
      breaks: loses,
    },
  ];
});

/** Guards of an event on which a function has failed. */
const invocationGuards = [
  { name: 'recognize-entities', of: 'PostProcessing/RecognizeEntities', loses: lost },
  { name: 'push-post-update', of: 'PostUpdates/PushPostUpdate', loses: unseen },
  { name: 'send-post-state', of: 'PostUpdates/SendPostState', loses: unseen },
].flatMap(({ name, of, loses }): Guard[] => [
  {
    name: `the retries of ${name}`,
    removal: { ...invocations(of, 'MaximumRetryAttempts'), to: 0 },
    cell: { hop: `event queue of ${name} → ${name}`, kind: 'one error' },
    breaks: unhealed,
  },
  {
    name: `the failure destination of ${name}`,
    removal: invocations(of, 'DestinationConfig'),
    cell: { hop: `event queue of ${name} → ${name}`, kind: 'errors for 10 min' },
    breaks: loses,
  },
]);

export const guards: Guard[] = [
  code(
    'the marker',
    ['save-post.ts', '...marker,'],
    ['create-post → events:PutEvents', 'crash before'],
    /was not mailed/,
  ),
  {
    name: "the relay's schedule",
    removal: { construct: 'OutboxRelay/Rule', at: ['Properties', 'State'], to: 'DISABLED' },
    cell: { hop: 'create-post → events:PutEvents', kind: 'crash before' },
    breaks: /has its marker/,
  },
  {
    name: 'the failure destination of the relay',
    removal: invocations('OutboxRelay/RelayAnnouncements', 'DestinationConfig'),
    cell: { hop: 'create-post → events:PutEvents', kind: 'errors for 10 min' },
    breaks: /no message reports that the relay fails/,
  },
  code(
    'the condition on the removal of the marker',
    ['outbox-marker.ts', "ConditionExpression: 'attribute_exists(outboxShard)',"],
    ['create-post → dynamodb:UpdateItem', 'time-out'],
    /was deleted, but exists again/,
  ),
  code(
    'the id derived from the Idempotency-Key',
    ['create-post.ts', 'return uuidv5(key, keyNamespace);', 'return uuidv7();'],
    ['create-post → dynamodb:PutItem', 'one error'],
    /the key .* has made 2 posts/,
  ),
  code(
    'the condition on the save',
    ['save-post.ts', "ConditionExpression: 'attribute_not_exists(id)',"],
    ['create-post → dynamodb:PutItem', 'one error'],
    /the responses under the key/,
  ),
  code(
    'the response 201 for a post that is saved but not yet announced',
    [
      'create-post.ts',
      'await announce(post, origin).catch((error: unknown) =>',
      'await announce(post, origin).then((error: unknown) =>',
    ],
    ['create-post → events:PutEvents', 'errors for 10 min'],
    /were refused/,
  ),
  code(
    "the SDK's retries",
    ['sdk-settings.ts', 'maxAttempts: 3', 'maxAttempts: 1'],
    ['create-post → dynamodb:PutItem', 'one error'],
    /were refused/,
  ),
  code(
    'the condition on the enrichment',
    ['enrich-post.ts', "'revision = :created'", "'revision = :created OR attribute_not_exists(nothing)'"],
    ['event queue of recognize-entities → recognize-entities', 'one error'],
    /was deleted, but exists again/,
  ),
  code(
    'the comparison of revisions',
    ['post-change.ts', ' || (OldImage && OldImage.revision?.N === stored)'],
    ['create-post → dynamodb:UpdateItem', 'errors for 10 min'],
    /pushes were repeated/,
  ),
  {
    name: 'the partial batch response',
    removal: stream('FunctionResponseTypes'),
    cell: { hop: 'publish-post-updates → events:PutEvents', kind: 'throttling' },
    breaks: unseen,
  },
  {
    name: 'the retries of publish-post-updates',
    removal: { ...stream('MaximumRetryAttempts'), to: 0 },
    cell: { hop: 'stream of PostsTable → publish-post-updates', kind: 'one error' },
    breaks: unhealed,
  },
  {
    name: 'the failure destination of publish-post-updates',
    removal: stream('DestinationConfig'),
    sooner: { ...stream('MaximumRetryAttempts'), to: 1 },
    cell: { hop: 'stream of PostsTable → publish-post-updates', kind: 'errors for 10 min' },
    breaks: unseen,
  },
  code(
    'the removal of a connection that responds with 410',
    ['post-sender.ts', 'if (httpStatus(error) !== gone) throw error;', 'throw error;'],
    ['push-post-update → dynamodb:GetItem', 'one error'],
    /still has an item/,
  ),
  code(
    'the list of channels in the item of a connection',
    ['connections-table.ts', 'item?.channels ?? found', 'found'],
    ['push-post-update → dynamodb:GetItem', 'one error'],
    /still has an item/,
  ),
  {
    name: 'the event for a client that connects late',
    removal: { construct: 'PostUpdates/ConnectionOpenedRule', at: ['Properties', 'State'], to: 'DISABLED' },
    cell: { hop: 'push-post-update → dynamodb:GetItem', kind: 'one error' },
    breaks: unseen,
  },
  {
    name: 'the event for a removal',
    removal: { construct: 'PostUpdates/BlogPostRemovalRule', at: ['Properties', 'State'], to: 'DISABLED' },
    cell: { hop: 'push-post-update → dynamodb:GetItem', kind: 'one error' },
    breaks: /has not seen the removal/,
  },
  code(
    'the registration of a subscription',
    [
      'connections-table.ts',
      'await allEnded(channels.map((channel) => reconcile(connection, channel, true)));',
    ],
    ['event queue of recognize-entities → recognize-entities', 'one error'],
    unseen,
  ),
  code(
    'the state in the answer to a subscription',
    ['manage-connections.ts', '...(postId !== undefined && (await stateOf(postId))),'],
    ['push-post-update → dynamodb:GetItem', 'one error'],
    unseen,
  ),
  ...targetGuards,
  ...invocationGuards,
];

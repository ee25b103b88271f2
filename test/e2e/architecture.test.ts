import { join } from 'node:path';
import { architectureOf } from 'local-cloud/architecture';
import { temporaryFolder } from 'local-cloud/fixtures/temporary-folder';
import * as z from 'zod/mini';
import { editedAssembly } from '../../testing/assembly.ts';

const folder = temporaryFolder();
const TemplateFile = z.looseObject({ Resources: z.record(z.string(), z.unknown()) });

/** Returns the graph of the stack with more resources in its template, and its edges as text. */
async function draw(name: string, resources: object = {}) {
  const assembly = await editedAssembly(join(folder, name), (text) => {
    const template = TemplateFile.parse(JSON.parse(text));
    return JSON.stringify({ ...template, Resources: { ...template.Resources, ...resources } });
  });
  const graph = architectureOf(assembly);
  const lines = graph.edges.map(
    ({ from, to, label }) => `${graph.label(from)} → ${graph.label(to)}: ${label}`,
  );
  return { graph, lines };
}

let stack: Awaited<ReturnType<typeof draw>>;
beforeAll(async () => {
  stack = await draw('stack');
});

it('contains the path of a post', () => {
  const way = [
    'client → blog-posts-dev: POST /posts',
    'blog-posts-dev → create-post: POST /posts',
    'create-post → PostsTable: PutItem',
    'create-post → PostsTable: UpdateItem',
    'create-post → BlogBus: PutEvents',
    'BlogBus → blogPostCreation: matches',
    'blogPostCreation → Topic: delivers',
    'Topic → mail: mails',
    'blogPostCreation → recognize-entities: delivers',
    'recognize-entities → recognize-entities: runs, with retries',
    'recognize-entities → comprehend: DetectEntities',
    'recognize-entities → PostsTable: UpdateItem',
    'PostsTable → stream of PostsTable: changes',
    'stream of PostsTable → publish-post-updates: batches',
    'publish-post-updates → WebSocketBus: PutEvents',
    'WebSocketBus → BlogPostSave: matches',
    'BlogPostSave → push-post-update: delivers',
    'WebSocketBus → BlogPostUpdate: matches',
    'BlogPostUpdate → push-post-update: delivers',
    'push-post-update → ConnectionsTable: Query',
    'push-post-update → blog-updates-dev: PostToConnection',
    'blog-updates-dev → client: messages',
    'client → blog-updates-dev: WebSocket $connect',
    'blog-updates-dev → manage-connections: WebSocket $connect',
    'rate(1 minute) → relay-announcements: when due',
    'BlogBus → BlogArchive: archives',
    'BlogArchive → blogPostCreation: replays',
  ];
  expect(stack.lines).toEqual(expect.arrayContaining(way));
});

it('contains the queues that receive failed events', () => {
  const failures = [
    'Topic → TopicUndelivered: given up',
    'recognize-entities → RecognizeEntitiesUndelivered: given up',
    'recognize-entities → RecognizeEntitiesFailures: given up',
    'publish-post-updates → PostsStreamFailures: given up',
    'publish-post-updates → UnpublishedUpdates: SendMessage',
  ];
  expect(stack.lines).toEqual(expect.arrayContaining(failures));
});

it('contains a call only if the role allows it and the environment names the resource', () => {
  expect(stack.lines.filter((line) => line.startsWith('create-post → '))).toHaveLength(3);
  expect(stack.lines).not.toContain('publish-post-updates → PostsStreamFailures: SendMessage');
  expect(stack.lines).not.toContain('push-post-update → blog-updates-dev: DeleteConnection');
});

it('has unique ids, edges between its own nodes only, and no isolated node', () => {
  const { nodes, edges } = stack.graph;
  const ids = nodes.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(edges.map(({ id }) => id)).size).toBe(edges.length);
  expect(new Set(edges.flatMap(({ from, to }) => [from, to]))).toEqual(new Set(ids));
});

it('finds the node of an index, of a service, and of an unknown place', () => {
  const { graph } = stack;
  const labels = [
    'arn:aws:dynamodb:us-east-1:000000000000:table/Blog-dev-PostsTableC82B36F0/index/outbox',
    'comprehend',
    'somewhere else',
  ].map((place) => graph.label(place));
  expect(labels).toEqual(['PostsTable', 'comprehend', 'somewhere else']);
});

it('draws resources that are added to the stack', async () => {
  const bus = stack.graph.nodes.find(({ label }) => label === 'BlogBus')?.id;
  const { lines } = await draw('more', {
    Digest: { Type: 'AWS::SNS::Topic' },
    DigestQueue: { Type: 'AWS::SQS::Queue' },
    DigestRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'digest',
        EventBusName: { Ref: bus },
        EventPattern: { source: ['blog'] },
        Targets: [
          {
            Id: 'one',
            Arn: { Ref: 'Digest' },
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DigestQueue', 'Arn'] } },
          },
        ],
      },
    },
  });
  expect(lines.filter((line) => !stack.lines.includes(line))).toEqual([
    'BlogBus → digest: matches',
    'digest → Digest: delivers',
    'Digest → DigestQueue: given up',
    'BlogArchive → digest: replays',
    'Digest → mail: mails',
  ]);
});

import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { eventually } from 'local-cloud/fixtures/eventually';
import { type Architecture, ChangedTraces, type Step, Trace, TracePage } from 'local-cloud/steps';
import pMap from 'p-map';
import * as z from 'zod/mini';
import type { CloudClient } from '../../testing/cloud-client.ts';

const Saved = z.object({ id: z.string() });

/** A client of the flow API of a local cloud. */
export class FlowClient {
  readonly #cloud: CloudClient;
  readonly #labels: ReadonlyMap<string, string>;

  private constructor(cloud: CloudClient, { nodes }: z.infer<typeof Architecture>) {
    this.#cloud = cloud;
    this.#labels = new Map(nodes.map(({ id, label }) => [id, label]));
  }

  static async open(cloud: CloudClient): Promise<FlowClient> {
    return new FlowClient(cloud, await cloud.architecture());
  }

  /** Returns the parsed response of a path below `/_local/`. */
  async get<T>(path: string, answer: z.ZodMiniType<T>): Promise<T> {
    return answer.parse(await (await fetch(`${this.#cloud.url}/_local/${path}`)).json());
  }

  labelOf(node: string): string {
    return this.#labels.get(node) ?? node;
  }

  /** Creates a post and returns its ID. */
  async post(topic = 'flow'): Promise<string> {
    const post = { author: 'a', title: 'Title', body: 'Joe is going to Spain', topic };
    return Saved.parse(await (await this.#cloud.post(post)).json()).id;
  }

  /**
   * Creates `count` posts. Returns their traces when these are complete and a client has received
   * every post.
   */
  async tracesOfPosts(count: number, concurrency: number): Promise<z.infer<typeof Trace>[]> {
    const faults = `${this.#cloud.url}/_local/faults`;
    // Otherwise the stream can deliver a new post and its enrichment in one batch.
    await fetch(faults, { method: 'POST', body: JSON.stringify(lateEnrichment) });
    const { messages } = await this.#cloud.connect();
    const posts = Array.from({ length: count });
    const ids = new Set(await pMap(posts, () => this.post(), { concurrency }));
    await eventually(() => expect(messages).toHaveLength(count));
    const traces = await eventually(async () => {
      const page = await this.get('flow/traces?kind=example&limit=1200', TracePage);
      const found = page.traces.filter(({ createdId = '' }) => ids.has(createdId));
      expect(found).toHaveLength(count);
      // The last calls of the functions may still be in progress.
      expect(found.filter(({ running }) => running > 0)).toEqual([]);
      return found.map(({ trace }) => trace);
    });
    await fetch(faults, { method: 'DELETE' });
    return pMap(traces, (trace) => this.get(`flow/traces/${trace}`, Trace), { concurrency: 8 });
  }

  /**
   * Returns the steps that a step caused, or all steps, as an indented tree. Steps with one cause
   * are in alphabetical order. Omits a step whose cause is missing from the trace or comes later.
   */
  tree(steps: Step[], cause?: Step, indent = ''): string {
    const lines = steps
      .filter((step) => step.cause === cause?.id && step.id > (cause?.id ?? 0))
      .map((step) => {
        const operation = step.kind === 'call' ? `${step.hop.operation} ` : '';
        const line = `${indent}${step.kind} ${operation}${this.labelOf(step.to)}\n`;
        return `${line}${this.tree(steps, step, `${indent}  `)}`;
      });
    return lines.sort().join('');
  }

  /**
   * Collects the changes from now on: the topics, and the IDs of the changed traces.
   */
  async follow(): Promise<{ topics: Set<string>; changed: Set<string>; stop: () => void }> {
    const topics = new Set<string>();
    const changed = new Set<string>();
    const controller = new AbortController();
    const { body } = await fetch(`${this.#cloud.url}/_local/flow/events`, { signal: controller.signal });
    if (!body) throw new Error('The response with the events has no body.');
    const lines = createInterface({ input: Readable.from(body) });
    lines.on('line', (line) => {
      const [, field, value = ''] = /^(event|data): (.*)/.exec(line) ?? [];
      if (field === 'event') topics.add(value);
      const { data } = ChangedTraces.safeParse(field === 'data' ? JSON.parse(value) : undefined);
      for (const trace of data?.traces ?? []) changed.add(trace);
    });
    // `stop` aborts the response, which is an error here.
    lines.on('error', () => {});
    return { topics, changed, stop: () => controller.abort() };
  }
}

const lateEnrichment = { hop: 'blogPostCreation → recognize-entities', fault: 'delay', ms: 2_000 };

/** The path of a post to one client. */
const WAY_OF_POST = `
request blog-posts-dev
  run create-post
    call PutEvents BlogBus
      delivery BlogArchive
      event blogPostCreation
        delivery Topic
        delivery recognize-entities
          run recognize-entities
            call DetectEntities comprehend
            call UpdateItem PostsTable
              stream stream of PostsTable
                run publish-post-updates
                  call PutEvents WebSocketBus
                    event BlogPostUpdate
                      delivery push-post-update
                        run push-post-update
                          call GetItem PostsTable
                          call PostToConnection blog-updates-dev
                            message client
                          call Query ConnectionsTable
                          call Query ConnectionsTable
                          call Query ConnectionsTable
                    unmatched ConnectionOpened
                    unmatched ConnectionsToPush
    call PutItem PostsTable
      stream stream of PostsTable
        run publish-post-updates
          call PutEvents WebSocketBus
            event BlogPostSave
              delivery push-post-update
                run push-post-update
                  call Query ConnectionsTable
                  call Query ConnectionsTable
            unmatched ConnectionOpened
            unmatched ConnectionsToPush
    call UpdateItem PostsTable
`.slice(1);

/**
 * If `create-post` removes its marker after the enrichment, `publish-post-updates` receives a
 * record of the removal, and drops it. It may receive both records in one batch.
 */
const DROPPED_RECORD =
  /(?<=^ {4}call UpdateItem PostsTable\n) {6}stream stream of PostsTable\n(?: {8}run publish-post-updates\n)?/m;

/**
 * Removes from a tree the steps of rules outside the path of a post, and all steps that they
 * caused.
 */
function withoutOtherRules(tree: string): string {
  let left = Number.POSITIVE_INFINITY;
  const lines = tree.split('\n').filter((line) => {
    const depth = line.search(/\S|$/);
    if (depth > left) return false;
    const isOther = /^ *(event|unmatched) /.test(line) && !WAY_OF_POST.includes(`${line.trim()}\n`);
    left = isOther ? depth : Number.POSITIVE_INFINITY;
    return !isOther;
  });
  return lines.join('\n');
}

/**
 * Expects each trace to contain exactly the steps of a post's path to one client, under their
 * causes.
 */
export function expectWholeWays(flow: FlowClient, traces: z.infer<typeof Trace>[]): void {
  for (const { steps } of traces) {
    const tree = flow.tree(steps);
    expect(tree.match(/\n/g)).toHaveLength(steps.length);
    expect(withoutOtherRules(tree.replace(DROPPED_RECORD, ''))).toBe(WAY_OF_POST);
  }
}

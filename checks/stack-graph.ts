import type { Architecture, ArchitectureEdge, ArchitectureNode, NodeKind } from 'local-cloud/steps';

/**
 * The kinds of nodes at which the path of an event ends: the event does not cause a client's next
 * request.
 */
const ends: ReadonlySet<NodeKind | undefined> = new Set(['client', 'rest-api', 'websocket-api']);

/** The graph of the stack, as the local cloud derives it from the template. */
export class StackGraph {
  readonly nodes: readonly ArchitectureNode[];
  /**
   * Excludes the edges of failed events to their dead-letter queues, and those of replays, which an
   * operator starts.
   */
  readonly edges: readonly ArchitectureEdge[];
  readonly #kinds: ReadonlyMap<string, NodeKind>;

  constructor({ nodes, edges }: Pick<Architecture, 'nodes' | 'edges'>) {
    this.nodes = nodes;
    this.#kinds = new Map(nodes.map(({ id, kind }) => [id, kind]));
    this.edges = edges.filter(
      ({ from, to, hop }) =>
        this.kindOf(from) !== 'archive' && (this.kindOf(to) !== 'queue' || hop.operation !== undefined),
    );
  }

  kindOf(node: string): NodeKind | undefined {
    return this.#kinds.get(node);
  }

  /** Returns the edges that an event from one of these nodes can take, up to the clients. */
  edgesFrom(starts: readonly string[]): ArchitectureEdge[] {
    const passedOn = this.edges.filter(({ from }) => !ends.has(this.kindOf(from)));
    const reached = closure(starts, (node) => passedOn.flatMap(({ from, to }) => (from === node ? to : [])));
    return passedOn.filter(({ from }) => reached.has(from));
  }

  /**
   * Returns the nodes from which an event reaches a node without passing a table. Writes to tables
   * are conditional, so an event that is delivered twice makes one change there.
   */
  nodesBefore(target: string): ReadonlySet<string> {
    const repeated = this.edges.filter(({ from }) => !['table', 'client'].includes(this.kindOf(from) ?? ''));
    return closure([target], (node) => repeated.flatMap(({ from, to }) => (to === node ? from : [])));
  }

  /** Returns the rules that a schedule triggers instead of a bus. */
  get schedules(): string[] {
    const matched = new Set(this.edges.map(({ to }) => to));
    return this.nodes.flatMap(({ id, kind }) => (kind === 'rule' && !matched.has(id) ? id : []));
  }

  /** Returns the labels of the functions that a schedule triggers. */
  get scheduled(): string[] {
    const { schedules } = this;
    return this.#functionsAfter((node) => schedules.includes(node));
  }

  /** Returns the labels of the functions that consume events of a rule or changes of a stream. */
  get consumers(): string[] {
    const { schedules } = this;
    return this.#functionsAfter(
      (node) => this.kindOf(node) === 'stream' || (this.kindOf(node) === 'rule' && !schedules.includes(node)),
    );
  }

  #functionsAfter(isSource: (node: string) => boolean): string[] {
    const fed = new Set(this.edges.flatMap(({ from, to }) => (isSource(from) ? to : [])));
    return this.nodes.flatMap(({ id, label, kind }) => (kind === 'function' && fed.has(id) ? label : []));
  }

  labelsOf(kind: NodeKind): string[] {
    return this.nodes.flatMap((node) => (node.kind === kind ? node.label : []));
  }

  /**
   * Returns whether a function is invoked asynchronously: Lambda retries it twice, and then gives
   * up.
   */
  isAsynchronous(node: string): boolean {
    return this.edges.some(({ from, to }) => from === node && to === node);
  }

  /** Returns whether a function reads a stream, which waits until a batch succeeds. */
  readsStream(node: string): boolean {
    return this.edges.some(({ from, to }) => to === node && this.kindOf(from) === 'stream');
  }
}

function closure(starts: readonly string[], next: (node: string) => string[]): ReadonlySet<string> {
  const found = new Set(starts);
  // The loop also visits the nodes that it adds.
  for (const node of found) for (const other of next(node)) found.add(other);
  return found;
}

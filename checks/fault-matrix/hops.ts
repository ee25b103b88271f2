import { hopName, httpRequest } from 'local-cloud/hop';
import type { ArchitectureEdge } from 'local-cloud/steps';
import { comprehendSettings, sdkSettings } from '../../lambdas/runtime/sdk-settings.ts';
import type { StackGraph } from '../stack-graph.ts';

/** A hop on the path of a post, where a fault can occur. */
export interface Hop {
  /**
   * The hop's name, with the labels of resources in place of the names that CloudFormation
   * generates.
   */
  name: string;
  /**
   * The names of the hops that a fault affects: this one, and the hop of the same call by the
   * relay.
   */
  struck: string[];
  /** Whether a function makes the call or runs, so that a worker can crash. */
  worker: boolean;
  /**
   * The time for which the caller waits for a response, in milliseconds; absent if the caller is a
   * service.
   */
  patience?: number;
  /** Whether each event waits for the one before it, so that no fault changes their order. */
  inOrder: boolean;
  /** Whether the hop is a call of the function that answers the author. */
  ofRequest: boolean;
  /**
   * Whether it is a call or a run of a function that Lambda retries twice and then leaves to an
   * operator.
   */
  asynchronous: boolean;
  /** Whether readers receive an e-mail again when something passes the hop again. */
  repeatsMails: boolean;
  /** Whether clients receive a state again when something passes the hop again. */
  repeatsPushes: boolean;
}

/** The request that creates a post. */
const request = httpRequest('POST', '/posts');

/**
 * The relay announces the posts that `create-post` did not. A fault of a call that both make
 * affects both.
 */
const standIn = { of: 'create-post', by: 'relay-announcements' };

/** Returns the hops that a post can pass after the request, derived from the stack alone. */
export function hopsOf(graph: StackGraph): Hop[] {
  const entries = graph.edges.filter(({ hop }) => hop.from === request).map(({ to }) => to);
  const way = graph.edgesFrom(entries).filter(({ faults }) => faults);
  const toMails = graph.nodesBefore('mail');
  const toClients = graph.nodesBefore('client');

  function hopOf(name: string): Hop {
    // Several only where a function makes the same call to several resources.
    const edges = way.filter(({ hop }) => hopName(hop) === name);
    const some = (is: (edge: ArchitectureEdge) => boolean) => edges.some(is);
    const relayed = edges.flatMap((edge) => standInsOf(edge, graph));
    const isCall = some(({ hop }) => hop.operation !== undefined);
    const isDelivery = some(({ from }) => graph.kindOf(from) === 'rule');
    const runsIn = ({ from, to }: ArchitectureEdge) => (isCall ? from : to);
    return {
      name: readable(name, graph),
      struck: [name, ...relayed],
      worker: isCall || (!isDelivery && some(({ to }) => graph.kindOf(to) === 'function')),
      ...(isCall && { patience: patienceOf(edges, graph) }),
      inOrder:
        some(({ to }) => graph.kindOf(to) === 'stream') || some((edge) => graph.readsStream(runsIn(edge))),
      ofRequest: some(({ from }) => entries.includes(from)),
      asynchronous: !isDelivery && some((edge) => graph.isAsynchronous(runsIn(edge))),
      // The relay announces a post from the start when the last call of the announcement has
      // failed.
      repeatsMails: relayed.length > 0 || some((edge) => isRepeated(edge, toMails, graph)),
      repeatsPushes: some((edge) => isRepeated(edge, toClients, graph)),
    };
  }
  return [...new Set(way.map(({ hop }) => hopName(hop)))].map(hopOf);
}

function standInsOf({ to, hop }: ArchitectureEdge, graph: StackGraph): string[] {
  if (hop.from !== standIn.of) return [];
  return graph.edges
    .filter((edge) => edge.hop.from === standIn.by && edge.to === to && edge.hop.operation === hop.operation)
    .map((edge) => hopName(edge.hop));
}

/** Returns the request timeout of the handlers' SDK clients, in milliseconds. */
function patienceOf(edges: ArchitectureEdge[], graph: StackGraph): number {
  const isAnalysis = edges.some(({ to }) => graph.kindOf(to) === 'comprehend');
  return (isAnalysis ? comprehendSettings : sdkSettings).requestHandler.requestTimeout;
}

/**
 * Returns whether a repetition at an edge causes a repetition at an end. It does if the edge leads
 * to one of the nodes `before` this end, or if it is a call of such a function, which runs again
 * when the call fails.
 */
function isRepeated({ from, to }: ArchitectureEdge, before: ReadonlySet<string>, graph: StackGraph): boolean {
  return before.has(to) || (before.has(from) && (graph.isAsynchronous(from) || graph.readsStream(from)));
}

/**
 * Replaces the generated name of a resource by its label, e.g. of `Blog-dev-PostsTableC82B36F0`.
 */
function readable(name: string, { nodes }: StackGraph): string {
  return nodes
    .filter(({ id, label }) => id !== label)
    .reduce((text, { id, label }) => text.replace(new RegExp(`\\S*${id}`), label), name);
}

import { hopName } from '../core/hop.ts';
import type { ArchitectureEdge, ArchitectureNode } from '../core/steps.ts';
import type { Account } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { restApiEdges, webSocketEdges } from './api-edges.ts';
import { callEdges, type Roles } from './call-edges.ts';
import { type Edge, functionLabels } from './edge.ts';
import { archiveEdges, failureEdges, ruleEdges, streamEdges, topicEdges } from './event-edges.ts';
import { type NamedNode, outerNodes, resourceNodes } from './nodes.ts';

/** The graph of a stack. A place is an ARN, a name or an ID of a node, as steps contain it. */
export interface ArchitectureGraph {
  nodes: ArchitectureNode[];
  edges: ArchitectureEdge[];
  /** Returns the ID of the node at a place, or the place if there is no such node. */
  nodeId(place: string): string;
  /** Returns the label of the node at a place, or the place if there is no such node. */
  label(place: string): string;
}

/**
 * Returns the graph of a template: its resources, and how they are wired. An edge from a function
 * stands for an operation that the role of the function allows on something that its environment
 * names.
 */
export function architectureGraph(template: Template, roles: Roles, account: Account): ArchitectureGraph {
  const resources = resourceNodes(template);
  const nodeAt = nodeLookup([...outerNodes, ...resources]);
  const nodeId = (place: string): string => nodeAt(place)?.id ?? place;
  const labels = functionLabels(template);
  const placed = (edge: Edge): Edge => ({ ...edge, from: nodeId(edge.from), to: nodeId(edge.to) });
  const passed = [
    ...restApiEdges(template, labels),
    ...webSocketEdges(template, labels),
    ...callEdges(template, roles, account),
    ...streamEdges(template, labels),
    ...ruleEdges(template, labels),
    ...archiveEdges(template),
  ].map(placed);
  // A topic of alarms receives nothing: only parts of the stack publish here.
  const receives = new Set(passed.map(({ to }) => to));
  const edges = numbered([
    ...passed,
    ...topicEdges(template)
      .map(placed)
      .filter(({ from }) => receives.has(from)),
    ...failureEdges(template).map(placed),
  ]);
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  return {
    nodes: [...outerNodes, ...resources]
      .filter(
        ({ id, kind }) =>
          connected.has(id) || (!outerNodes.some((outer) => outer.id === id) && kind !== 'topic'),
      )
      .map(({ names, ...node }) => node),
    edges,
    nodeId,
    label: (place) => nodeAt(place)?.label ?? place,
  };
}

/** Returns a function that finds the node at a place. */
function nodeLookup(nodes: readonly NamedNode[]): (place: string) => NamedNode | undefined {
  const byPlace = new Map(nodes.flatMap((node) => [...node.names, node.id].map((place) => [place, node])));
  return (place) => {
    const api = /^arn:aws:execute-api:[^:]*:[^:]*:([^/]+)/.exec(place)?.[1];
    return byPlace.get(api ?? place.replace(/\/index\/.*$/, ''));
  };
}

/**
 * Returns each edge once. Its ID is the name of its hop, followed by its ends if several edges have
 * the same hop.
 */
function numbered(edges: readonly Edge[]): ArchitectureEdge[] {
  const byId = new Map<string, ArchitectureEdge>();
  for (const { faults = true, ...edge } of edges) {
    const name = hopName(edge.hop);
    const same = byId.get(name);
    const isSame = same?.from === edge.from && same.to === edge.to;
    const id = same && !isSame ? `${name} (${edge.from}, ${edge.to})` : name;
    if (!byId.has(id)) byId.set(id, { id, ...edge, faults });
  }
  return [...byId.values()];
}

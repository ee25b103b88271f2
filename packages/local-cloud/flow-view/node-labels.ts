import { deadLetterHop, hopName, isFromStream } from '../src/core/hop.ts';
import type { ArchitectureNode, NodeKind, Step, StepKind } from '../src/core/steps.ts';

const kindLabels: Partial<Record<NodeKind, string>> = {
  'rest-api': 'REST API',
  'websocket-api': 'WebSocket API',
  stream: 'stream',
  topic: 'SNS topic',
  mail: 'e-mail',
  comprehend: 'Comprehend',
};

/**
 * Returns the label of a node: its kind, if a stack usually has one node of the kind, and otherwise
 * its name.
 */
export function labelOf({ kind, label }: ArchitectureNode): string {
  return kindLabels[kind] ?? label;
}

/** The kinds of steps whose hops contain physical names. */
const namedByNodes: readonly StepKind[] = ['event', 'unmatched', 'delivery', 'mail', 'stream'];

/**
 * Returns the name of a step, with the labels of the picture.
 * @param labels the labels of nodes, by their IDs
 */
export function stepText({ kind, hop, from, to }: Step, labels: ReadonlyMap<string, string>): string {
  const [source, target] = [labels.get(from) ?? from, labels.get(to) ?? to];
  if (kind === 'unwanted') return hopName({ from: target, to: hop.to });
  if (kind === 'dead-letter') return hopName(deadLetterHop(target));
  if (kind === 'run' && from === to) return `${target} runs`;
  const isNamedByNodes = namedByNodes.includes(kind) || isFromStream(hop);
  return hopName(isNamedByNodes ? { from: source, to: target } : hop);
}

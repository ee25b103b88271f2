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
 * Returns the label of a node in the page: its kind, where a stack usually has one of the kind,
 * else its name.
 */
export function labelOf({ kind, label }: ArchitectureNode): string {
  return kindLabels[kind] ?? label;
}

/** The kinds of steps whose hops contain physical names. */
const namedByNodes: readonly StepKind[] = ['event', 'unmatched', 'delivery', 'mail', 'stream'];

/**
 * Returns the name of a step in the words of the picture.
 * @param labels the labels of nodes, by their ids
 */
export function stepText({ kind, hop, from, to }: Step, labels: ReadonlyMap<string, string>): string {
  const [source, target] = [labels.get(from) ?? from, labels.get(to) ?? to];
  if (kind === 'dead-letter') return hopName(deadLetterHop(target));
  if (kind === 'run' && from === to) return `${target} runs`;
  const isNamedByNodes = namedByNodes.includes(kind) || isFromStream(hop);
  return hopName(isNamedByNodes ? { from: source, to: target } : hop);
}

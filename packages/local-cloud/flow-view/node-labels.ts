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

/** What a node is called here: by what it is, where there is usually one of its kind, else by its name. */
export function labelOf({ kind, label }: ArchitectureNode): string {
  return kindLabels[kind] ?? label;
}

/** The hops of these have physical names in them. */
const namedByNodes: readonly StepKind[] = ['event', 'unmatched', 'delivery', 'mail', 'stream'];

/** What a step is called, in the words of the picture. `labels` has those of the nodes, by their ids. */
export function stepText({ kind, hop, from, to }: Step, labels: ReadonlyMap<string, string>): string {
  const [source, target] = [labels.get(from) ?? from, labels.get(to) ?? to];
  if (kind === 'dead-letter') return hopName(deadLetterHop(target));
  if (kind === 'run' && from === to) return `${target} runs`;
  const isNamedByNodes = namedByNodes.includes(kind) || isFromStream(hop);
  return hopName(isNamedByNodes ? { from: source, to: target } : hop);
}

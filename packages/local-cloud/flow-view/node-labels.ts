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

/** The name of a step in two parts, which the row of its cause can shorten. */
export interface StepName {
  /** What takes the step, e.g. `create-post`. */
  caller: string;
  /** The rest of the name, e.g. ` → dynamodb:PutItem`. */
  rest: string;
  /** What the next steps may have as their caller, e.g. `dynamodb:PutItem`. */
  end: string;
}

/**
 * Returns the name of a step, with the labels of the picture.
 * @param labels the labels of nodes, by their IDs
 */
export function stepName({ kind, hop, from, to }: Step, labels: ReadonlyMap<string, string>): StepName {
  const [source, target] = [labels.get(from) ?? from, labels.get(to) ?? to];
  if (kind === 'run' && from === to) return { caller: target, rest: ' runs', end: target };
  const isNamedByNodes = namedByNodes.includes(kind) || isFromStream(hop);
  const named = isNamedByNodes ? { from: source, to: target } : hop;
  const shown =
    kind === 'unwanted'
      ? { from: target, to: hop.to }
      : kind === 'dead-letter'
        ? deadLetterHop(target)
        : named;
  const text = hopName(shown);
  const rest = text.slice(shown.from.length);
  return { caller: shown.from, rest, end: shown.to };
}

/** Returns the whole name of a step. */
export function stepText(step: Step, labels: ReadonlyMap<string, string>): string {
  const { caller, rest } = stepName(step, labels);
  return `${caller}${rest}`;
}

import type { ArchitectureEdge } from '../core/steps.ts';
import { functionLabel } from '../services/lambda/function-label.ts';
import { invocableFunctions } from '../services/lambda/qualifiers.ts';
import type { Template } from '../template/template.ts';

/**
 * An edge whose ends are an ARN, a name or an ID each. Faults can be switched on for its hop,
 * unless `faults` is `false`.
 */
export interface Edge extends Pick<ArchitectureEdge, 'from' | 'to' | 'hop' | 'label'> {
  faults?: false;
}

/** The labels of functions, by their ARNs and names, with and without qualifiers. */
export type FunctionLabels = ReadonlyMap<string, string>;

export function functionLabels(template: Template): FunctionLabels {
  return new Map(
    invocableFunctions(template).flatMap(({ arn, name, resource }) => [
      [arn, functionLabel(resource)],
      [name, functionLabel(resource)],
    ]),
  );
}

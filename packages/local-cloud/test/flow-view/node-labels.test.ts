import { stepName, stepText } from '../../flow-view/node-labels.ts';
import { parseHop } from '../../src/core/hop.ts';
import type { Step } from '../../src/core/steps.ts';

const labels = new Map([
  ['Rule', 'OrderPlaced'],
  ['Save', 'save-order'],
  ['Bus', 'OrderBus'],
  ['Dead', 'Undelivered'],
]);

function named(kind: Step['kind'], hop: string, from: string, to: string): Step {
  return { id: 1, kind, hop: parseHop(hop), from, to, startedAt: 0, outcome: 'ok', attempt: 1 };
}

describe('the name of a step', () => {
  it.each([
    ['call', 'save-order → dynamodb:PutItem', 'Save', 'Table', 'save-order', ' → dynamodb:PutItem'],
    ['delivery', 'stack-Rule → save-order', 'Rule', 'Save', 'OrderPlaced', ' → save-order'],
    ['run', 'event queue of save-order → save-order', 'Save', 'Save', 'save-order', ' runs'],
    ['unwanted', 'stack-Bus → no rule', 'Bus', 'Bus', 'OrderBus', ' → no rule'],
    ['dead-letter', 'dead letter → stack-Dead', 'Save', 'Dead', 'dead letter', ' → Undelivered'],
  ] as const)('of the kind %s, "%s", has its caller apart', (kind, hop, from, to, caller, rest) => {
    const step = named(kind, hop, from, to);
    expect(stepName(step, labels)).toMatchObject({ caller, rest });
    expect(stepText(step, labels)).toBe(`${caller}${rest}`);
  });

  it('ends with what calls next', () => {
    const request = named('request', 'client → POST /orders', 'client', 'Api');
    const run = named('run', 'POST /orders → save-order', 'Api', 'Save');
    expect(stepName(request, labels).end).toBe(stepName(run, labels).caller);
    const delivery = named('delivery', 'stack-Rule → save-order', 'Rule', 'Save');
    const queued = named('run', 'event queue of save-order → save-order', 'Save', 'Save');
    expect(stepName(delivery, labels).end).toBe(stepName(queued, labels).caller);
  });
});

import { readFileSync } from 'node:fs';
import { NodeKind, StepKind } from '../../src/core/steps.ts';

const css = readFileSync('packages/local-cloud/flow-view/styles/picture.css', 'utf8');

it.each([...new Set([...NodeKind.options, ...StepKind.options])])('gives a colour to %s', (kind) => {
  expect(css).toMatch(new RegExp(`^\\.${kind}(,\\n[^{]*)? \\{\\n {2}--kind:`, 'm'));
});

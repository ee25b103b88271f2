import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { temporaryFolder } from 'local-cloud/fixtures/temporary-folder';
import { HandlerBundles } from '../../lib/handler-bundles.ts';
import { HandlerFunction } from '../../lib/handler-function.ts';

const folder = temporaryFolder();
mkdirSync(path.join(folder, 'greet'));

function addFunction(scope: Construct, handler: string): void {
  new HandlerFunction(scope, 'Function', { handler, timeout: Duration.seconds(1), environment: {} });
}

it('are found everywhere below the construct that sets their folder', () => {
  const stack = new Stack();
  HandlerBundles.of(stack).setFolder(folder);
  const inner = new Construct(new Construct(stack, 'Outer'), 'Inner');
  expect(HandlerBundles.of(inner).code('greet').path).toBe(path.join(folder, 'greet'));
  expect(() => addFunction(inner, 'greet')).not.toThrow();
});

it('are required: a function in a stack without a folder throws', () => {
  expect(() => addFunction(new Stack(undefined, 'Stack'), 'greet')).toThrow(
    'No folder of handler bundles is set for Stack: call HandlerBundles.of(stack).setFolder(...) first.',
  );
});

it('are required: a function whose handler has no bundle throws', () => {
  const stack = new Stack();
  HandlerBundles.of(stack).setFolder(folder);
  expect(() => addFunction(stack, 'part')).toThrow(path.join(folder, 'part'));
});

import { useState } from 'preact/hooks';
import * as z from 'zod/mini';
import type { ExampleRequest } from '../src/core/steps.ts';
import { call, messageOf } from './local-api.ts';
import { linkTo } from './selection.ts';

/** Renders a button that sends the next example at each click. */
export function ExampleButton({ example }: { example: ExampleRequest }) {
  const { name, method, path, bodies } = example;
  const [sent, setSent] = useState(0);
  const [error, setError] = useState<string>();
  const send = async (): Promise<void> => {
    try {
      await call(method, path, z.unknown(), bodies[sent % bodies.length]);
      setError(undefined);
      setSent(sent + 1);
      location.hash = linkTo({});
    } catch (reason) {
      setError(`The ${name} was not sent. ${messageOf(reason)}`);
    }
  };
  return (
    <>
      <button type="button" class="main" onClick={send}>
        Send an example
      </button>
      {error !== undefined && (
        <span class="error" role="alert">
          {error}
        </span>
      )}
    </>
  );
}

/** Returns the shell command that sends the first example. */
export function exampleCommand({ method, path, bodies: [body] }: ExampleRequest): string {
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  return `curl -s -X ${method} ${location.origin}${path} -H 'content-type: application/json' \\\n  -d '${json}'`;
}

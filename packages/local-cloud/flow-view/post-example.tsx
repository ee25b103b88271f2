import { useState } from 'preact/hooks';
import * as z from 'zod/mini';
import { call, messageOf } from './local-api.ts';
import { linkTo } from './selection.ts';

const examples = [
  {
    author: 'hunter s thompson',
    title: 'The road south',
    body: 'Joe is going to Spain, and Maria meets him in Madrid.',
    topic: 'summer',
  },
  {
    author: 'nellie bly',
    title: 'Around the world',
    body: 'Phileas left London for Paris. Nellie was in Egypt by then, and Jules waited in Amiens.',
    topic: 'travel',
  },
  {
    author: 'george orwell',
    title: 'A nice cup of tea',
    body: 'Eric drank it in Burma, in Catalonia and in London, and never with sugar.',
    topic: 'kitchen',
  },
] as const;

/** Posts one example after the other, so that there is something to look at. */
export function PostExample() {
  const [posted, setPosted] = useState(0);
  const [error, setError] = useState<string>();
  const post = async (): Promise<void> => {
    try {
      await call('POST', '/posts', z.unknown(), examples[posted % examples.length]);
      setError(undefined);
      setPosted(posted + 1);
      location.hash = linkTo({});
    } catch (reason) {
      setError(`The post was not saved. ${messageOf(reason)}`);
    }
  };
  return (
    <>
      <button type="button" class="main" onClick={post}>
        Post an example
      </button>
      {error !== undefined && (
        <span class="error" role="alert">
          {error}
        </span>
      )}
    </>
  );
}

import './zod-without-eval.ts';
import { render } from 'preact';
import { Api } from './api.ts';
import { type Config, loadConfig } from './config.ts';
import { Draft } from './draft.ts';
import { LiveConnection } from './live-connection.ts';
import { Navigation } from './navigation.ts';
import { PostStore } from './post-store.ts';
import { App } from './views/app.tsx';
import { StartFailure } from './views/start-failure.tsx';

const page = document.getElementById('app') ?? document.body;

loadConfig().then(start, (error: unknown) => {
  console.error('The configuration cannot be read.', error);
  render(<StartFailure />, page);
});

function start({ apiUrl, webSocketUrl }: Config): void {
  const posts = new PostStore();
  const live = new LiveConnection(webSocketUrl, (state) => posts.take(state));
  addEventListener('online', () => live.retryNow());
  const app = {
    api: new Api(apiUrl),
    draft: new Draft(storage()),
    live,
    navigation: new Navigation(),
    posts,
  };
  render(<App {...app} />, page);
}

/** Nothing where the browser is set to refuse it. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

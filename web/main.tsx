import './zod-without-eval.ts';
import { render, type VNode } from 'preact';
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
  show(<StartFailure />);
});

function start({ apiUrl, webSocketUrl }: Config): void {
  const posts = new PostStore();
  const live = new LiveConnection(webSocketUrl, (state) => posts.take(state));
  addEventListener('online', () => live.check());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') live.check();
  });
  const app = {
    api: new Api(apiUrl),
    draft: new Draft(storage()),
    live,
    navigation: new Navigation(),
    posts,
  };
  show(<App {...app} />);
}

/** Instead of what says that the page starts. */
function show(view: VNode): void {
  page.replaceChildren();
  render(view, page);
}

/** The tab's own, since two tabs may write two posts. Nothing where the browser is set to refuse it. */
function storage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

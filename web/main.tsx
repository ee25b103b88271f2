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
import { onWakeUp } from './wake-up.ts';

const page = document.getElementById('app') ?? document.body;

loadConfig().then(start, (error: unknown) => {
  console.error('The configuration cannot be read.', error);
  show(<StartFailure />);
});

function start({ apiUrl, webSocketUrl }: Config): void {
  const posts = new PostStore();
  const live = new LiveConnection(
    webSocketUrl,
    (state) => posts.take(state),
    (id) => posts.remove(id),
  );
  onWakeUp(() => live.check());
  const app = {
    api: new Api(apiUrl),
    draft: new Draft(storage()),
    live,
    navigation: new Navigation(),
    posts,
  };
  show(<App {...app} />);
}

/** Shows a view in place of the note that the page is starting. */
function show(view: VNode): void {
  page.replaceChildren();
  render(view, page);
}

/**
 * Returns the storage of the tab, because two tabs may write two posts. Returns `undefined` if the
 * browser's settings forbid it.
 */
function storage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

import { signal } from '@preact/signals';
import { type Route, routeOf } from './route.ts';

/**
 * The route that the page shows. Links within the page, and the browser's back and forward, change
 * it without a reload.
 */
export class Navigation {
  readonly route = signal<Route>(routeOf(new URL(location.href)));
  #shown = location.pathname + location.search;

  constructor() {
    addEventListener('popstate', () => this.#update());
    document.addEventListener('click', (event) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const isPlain =
        event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (!link || !isPlain || event.defaultPrevented) return;
      if (link.origin !== location.origin || link.hash !== '') return;
      event.preventDefault();
      this.go(link.pathname + link.search);
    });
  }

  /** Navigates to a path of this page. */
  go(path: string): void {
    history.pushState(undefined, '', path);
    this.#update();
    scrollTo(0, 0);
  }

  #update(): void {
    const path = location.pathname + location.search;
    if (path === this.#shown) return;
    this.#shown = path;
    this.route.value = routeOf(new URL(location.href));
  }
}

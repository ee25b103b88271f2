const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup, in contrast to text, which is escaped. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** Returns the markup of a template. Every value in it is escaped, unless it is markup itself. */
export function html(markup: TemplateStringsArray, ...values: (string | number | Html | Html[])[]): Html {
  return new Html(String.raw({ raw: markup }, ...values.map(render)));
}

function render(value: string | number | Html | Html[]): string {
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return value.map(render).join('');
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * The headers of every page for people. A page of another site can neither show it in a frame nor
 * load it as something else, and sites that its links lead to do not learn its URL.
 */
export const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Returns a whole page, to be sent with `PAGE_HEADERS`. It loads nothing and runs no script. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
  article { border: 1px solid #8888; border-radius: 6px; padding: 0 1rem; margin: 1rem 0 }
  h2 { font-size: 1rem }
  pre { white-space: pre-wrap; overflow-wrap: anywhere }
  :root { color-scheme: light dark }
</style>
<h1>${title}</h1>
${body}
</html>
`.markup;
}

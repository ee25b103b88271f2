import { request as httpRequest } from 'node:http';
import { LocalCloud } from '../../testing/local-cloud.ts';

let cloud: LocalCloud;
let pageUrl: string;
beforeAll(async () => {
  cloud = await LocalCloud.start();
  pageUrl = cloud.outputs.PageUrl ?? '';
}, 60_000);
afterAll(() => cloud.stop());

it('is at the port that the terminal names, an origin of its own', () => {
  expect(pageUrl).toMatch(/^http:\/\/localhost:\d+$/);
  expect(cloud.output).toContain(`Web page       ${pageUrl}\n`);
  expect(pageUrl).not.toBe(cloud.url);
});

it('may talk to the two APIs, which its configuration names, and to nobody else', async () => {
  const { headers } = await fetch(pageUrl);
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
      `connect-src 'self' ${cloud.url} ${cloud.webSocketUrl}; ` +
      "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  );
  const config = await fetch(`${pageUrl}/config.json`);
  expect(config.headers.get('content-type')).toBe('application/json');
  expect(await config.json()).toEqual({ apiUrl: cloud.url, webSocketUrl: cloud.webSocketUrl });
});

it('is all that its index names, without a script or a style inside', async () => {
  const index = await (await fetch(pageUrl)).text();
  expect(index).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son\w+=/);
  const files = [...index.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, file]) => file);
  expect(files.sort()).toEqual(['/main.css', '/main.js']);
  for (const file of files) {
    const { status, headers } = await fetch(`${pageUrl}${file}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe(file === '/main.js' ? 'text/javascript' : 'text/css');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

it('is asked for each time, and sent again only if it has changed', async () => {
  const { headers } = await fetch(`${pageUrl}/main.js`);
  expect(headers.get('cache-control')).toBe('no-cache');
  const etag = headers.get('etag') ?? '';
  const again = await fetch(`${pageUrl}/main.js`, { headers: { 'If-None-Match': etag } });
  expect(again.status).toBe(304);
});

it.each([
  '/p/01890a5d-ac96-774b-bcce-b302099a8057',
  '/../../package.json',
  '/%2e%2e/%2e%2e/package.json',
  '/..%2f..%2fpackage.json',
])('shows its index at %s', async (path) => {
  // `fetch` would tidy up the path.
  const { port } = new URL(pageUrl);
  const request = httpRequest({ host: '127.0.0.1', port, path }).end();
  const body = await new Promise<string>((resolve, reject) => {
    request.on('error', reject);
    request.on('response', async (response) => resolve(Buffer.concat(await response.toArray()).toString()));
  });
  expect(body).toBe(await (await fetch(pageUrl)).text());
});

it('cannot be written to', async () => {
  expect((await fetch(`${pageUrl}/main.js`, { method: 'PUT', body: 'a' })).status).toBe(403);
});

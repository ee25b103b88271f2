import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from 'local-cloud/fixtures/temporary-folder';
import { bundleWebPage } from '../../bin/bundle-web-page.ts';

const outDir = temporaryFolder();
beforeAll(() => bundleWebPage(outDir), 30_000);

it('creates exactly the files that index.html names', () => {
  expect(readdirSync(outDir).sort()).toEqual(['index.html', 'main.css', 'main.js']);
  const index = readFileSync(path.join(outDir, 'index.html'), 'utf8');
  expect(index).toContain('src="/main.js"');
  expect(index).toContain('href="/main.css"');
});

it('sends at most 60 KB of JavaScript to a browser', () => {
  expect(gzipSync(readFileSync(path.join(outDir, 'main.js'))).length).toBeLessThanOrEqual(60 * 1024);
});

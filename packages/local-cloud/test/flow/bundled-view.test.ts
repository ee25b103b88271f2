import { gzipSync } from 'node:zlib';
import { bundleView } from '../../src/flow/bundled-view.ts';

it('is at most 70 KB of compressed JavaScript', async () => {
  const script = (await bundleView()).get('/_local/flow/main.js')?.content ?? '';
  expect(script.length).toBeGreaterThan(10_000);
  expect(gzipSync(script).length).toBeLessThan(70_000);
});

import { examplePost } from '../../contracts/examples.ts';
import { describeInBrowser } from '../../testing/chromium.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { Spectator } from './spectator.ts';

describeInBrowser('the flow view', (browser) => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await LocalCloud.start();
  });
  afterEach(async () => {
    for (const context of browser().contexts()) await context.close();
  });
  afterAll(() => cloud?.stop());

  it('keeps the trace being read while the local cloud restarts, and then follows again', async () => {
    await cloud.post({ ...examplePost, title: 'Before' });
    const { page, steps } = await Spectator.visit(browser(), cloud.url, {});
    await steps.filter({ hasText: 'recognize-entities runs' }).waitFor();
    const ports = [cloud.url, cloud.awsUrl, cloud.outputs.PageUrl ?? ''].map((url) => new URL(url).port);
    await cloud.stop('SIGKILL');
    await page.getByText('The local cloud does not respond').first().waitFor();
    expect(await steps.count()).toBeGreaterThan(10);

    const [port = '', awsPort = '', pagePort = ''] = ports;
    cloud = await LocalCloud.start(['--port', port, '--aws-port', awsPort, '--page-port', pagePort]);
    await page.getByRole('status').getByText('live', { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'POST /posts: Before' }).waitFor();
    await page.getByText('no longer kept. Below is what was read of it before.').waitFor();
    expect(await steps.count()).toBeGreaterThan(10);
    await cloud.post({ ...examplePost, title: 'After' });
    await page.getByRole('heading', { name: 'POST /posts: After' }).waitFor();
  });
});

import { eventually } from 'local-cloud/fixtures/eventually';
import type { BrowserContextOptions, Request } from 'playwright-core';
import { examplePost } from '../../contracts/examples.ts';
import { describeInBrowser } from '../../testing/chromium.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { seriousViolations } from './accessibility.ts';
import { Spectator } from './spectator.ts';

/** The steps of a post that is pushed to one client, without e-mails. */
const hopsOfPost = [
  'client → POST /posts',
  'POST /posts → create-post',
  'create-post → dynamodb:PutItem',
  'create-post → events:PutEvents',
  'BlogBus → blogPostCreation',
  'blogPostCreation → SNS topic',
  'blogPostCreation → recognize-entities',
  'recognize-entities runs',
  'recognize-entities → comprehend:DetectEntities',
  'recognize-entities → dynamodb:UpdateItem',
  'PostsTable → stream',
  'stream → publish-post-updates',
  'publish-post-updates → events:PutEvents',
  'WebSocketBus → BlogPostUpdate',
  'BlogPostUpdate → push-post-update',
  'push-post-update runs',
  'push-post-update → execute-api:PostToConnection',
  'WebSocket → client',
];

describeInBrowser('the flow view', (browser) => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await LocalCloud.start(['--speed', '20']);
  });
  afterEach(async () => {
    for (const context of browser().contexts()) await context.close();
    await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });
  });
  afterAll(() => cloud?.stop());

  const visit = (options: BrowserContextOptions = {}) => Spectator.visit(browser(), cloud.url, options);

  it('explains what to do, and shows the path of a post while it is processed', async () => {
    const { page, steps, line, problems } = await visit();
    await page.getByText('No post has passed yet').waitFor();
    // With `--speed 20`, an idle connection is closed after 30 seconds.
    const { messages } = await cloud.connect();
    await page.getByRole('button', { name: 'Send an example' }).click();
    await eventually(async () => {
      const shown = await steps.allTextContents();
      for (const hop of hopsOfPost) expect(shown.join('\n')).toContain(hop);
    });
    await line('push-post-update → WebSocket API', 'passed 1 time').waitFor();
    await line('WebSocket API → client', 'passed 1 time').waitFor();
    await page.getByRole('list', { name: 'Newest first' }).getByText('done').first().waitFor();
    expect(messages).toHaveLength(1);
    await page.getByRole('region', { name: 'Metrics' }).getByText('TimeToPush').waitFor();

    await steps.filter({ hasText: 'WebSocketBus → ConnectionOpened' }).first().click();
    await page.getByRole('definition').filter({ hasText: 'detail-type' }).waitFor();
    await steps.filter({ hasText: 'recognize-entities runs' }).click();
    await page.getByText('The post is enriched').waitFor();
    await page.getByRole('button', { name: 'Copy', exact: true }).first().click();
    await page.getByText('Copied').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('switches on a fault at a hop by keyboard, and shows the retry of the next post there', async () => {
    const { page, steps, line, problems } = await visit({ colorScheme: 'dark' });
    await line('create-post → PostsTable').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'create-post → PostsTable' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Hop' }).inputValue()).toBe(
      'create-post → dynamodb:PutItem',
    );
    await page.getByRole('radio', { name: 'crash' }).click();
    await page.getByText('The worker ends before the work is done').waitFor();
    await page.getByRole('radio', { name: 'error' }).click();
    await page.getByRole('button', { name: 'Switch on' }).click();
    await line('create-post → PostsTable', 'fault: error, once a trace').waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    expect((await cloud.post({ ...examplePost, title: 'Retried' })).status).toBe(201);
    await page.getByRole('heading', { name: 'POST /posts: Retried' }).waitFor();
    const save = steps.filter({ hasText: 'create-post → dynamodb:PutItem' });
    await save.filter({ hasText: /2 tries, 1 failed.*⚡ error/ }).waitFor();
    await page.getByRole('button', { name: 'Skip to the timeline' }).focus();
    for (const key of ['Enter', 'Home', 'ArrowDown', 'ArrowDown', 'ArrowRight'])
      await page.keyboard.press(key);
    await save.filter({ hasText: /⚡ error.*failed, / }).waitFor();
    await save.filter({ hasText: 'attempt 2' }).waitFor();
    const focus = page.locator(':focus');
    await page.keyboard.press('ArrowDown');
    const attempt = await focus.textContent();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'A call of a service' }).and(focus).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'A call of a service' }).waitFor({ state: 'detached' });
    expect(await focus.textContent()).toBe(attempt);
    await line('create-post → PostsTable').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Switch off: error, once a trace at create-post' }).click();
    await page.getByText('No fault is switched on.').waitFor();
    expect(await (await fetch(`${cloud.url}/_local/faults`)).json()).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('sends an edited dead letter again, redrives it, and shows its content as text', async () => {
    const title = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const { page, steps, line, tab, problems } = await visit();
    const hop = 'blogPostCreation → recognize-entities';
    const refused = { hop, fault: 'error', code: 'AccessDeniedException', status: 403 };
    await fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(refused) });
    await cloud.post({ ...examplePost, title, topic: 'rome' });
    await page.getByRole('heading', { name: `POST /posts: ${title}` }).waitFor();
    await line('recognize-entities: its dead-letter queues', '1 message waits').waitFor();
    await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });

    const { messages } = await cloud.connect('?topic=rome');
    await steps.filter({ hasText: 'dead letter → RecognizeEntitiesUndelivered' }).click();
    await page.getByText('Send again').click();
    const payload = page.getByLabel('Payload');
    await payload.fill('{');
    await page.getByText('The payload is not JSON').waitFor();
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
    const [letter] = (await cloud.queues()).flatMap((queue) => queue.messages);
    await payload.fill(letter?.body.replace('Joe is going to Spain', 'Maria is going to Rome') ?? '');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('link', { name: 'Show the trace' }).click();
    await steps.filter({ hasText: 'recognize-entities runs' }).waitFor();
    await eventually(() =>
      expect(messages).toMatchObject([{ post: { title, entities: { locations: ['Rome'] } } }]),
    );

    await tab('Queues').click();
    await page.getByText('AccessDeniedException').or(page.getByText('NO_PERMISSIONS')).first().waitFor();

    // If the target of the dead letter is unknown, the user must choose one.
    await page.route('**/_local/flow/targets', async (route) => {
      const targets: object[] = await (await route.fetch()).json();
      await route.fulfill({ json: targets.map((target) => ({ ...target, queues: [] })) });
    });
    await page.reload();
    await page.getByText('Message', { exact: true }).first().click();
    await page.getByText('Send again').first().click();
    const form = page.locator('.send-again').first();
    await form.locator('button:disabled').waitFor();
    await form.getByRole('combobox').selectOption({ index: 1 });
    await form.locator('button:enabled').waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.getByRole('link', { name: `POST /posts: ${title}` }).waitFor();
    await page.getByRole('button', { name: 'Redrive: NO_PERMISSIONS' }).click();
    await page.getByText('1 message redriven and deleted.').waitFor();
    await page.getByRole('button', { name: 'Redrive all' }).waitFor({ state: 'detached' });
    expect(await cloud.deadLetters()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('finds traces, and keeps the filter and the chosen trace across a reload', async () => {
    const fault = { fault: 'error', code: 'Unlucky', times: 1, hop: 'create-post → dynamodb:PutItem' };
    await fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });
    for (const title of ['Found', 'Another']) await cloud.post({ ...examplePost, title });
    await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });
    await cloud.post({ ...examplePost, title: 'Undisturbed' });
    await cloud.request('/posts');
    const { page, steps, problems } = await visit();
    const list = page.getByRole('list', { name: 'Newest first' });
    const row = (title: string) => list.getByRole('link').filter({ hasText: title });
    await row('POST /posts: Undisturbed').waitFor();
    expect(await row('GET /posts').count()).toBe(0);
    await page.getByRole('button', { name: /^Failed/ }).click();
    await row('Undisturbed').waitFor({ state: 'detached' });
    await page.getByRole('searchbox').fill('unlucky found');
    await page.getByText('1 of 1', { exact: true }).waitFor();
    await row('POST /posts: Found').click();
    await page.getByRole('heading', { name: 'POST /posts: Found' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await page.reload();
    await page.getByText('1 of 1', { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'POST /posts: Found' }).waitFor();
    await steps.first().waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('unlucky found');
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: /^Failed/, pressed: true }).click();
    await page.getByRole('checkbox', { name: /everything, not only POST/ }).check();
    await row('GET /posts').first().waitFor();
    await page.getByRole('heading', { name: 'POST /posts: Found' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('follows the flow by arrow keys, and remembers the sizes of its panes', async () => {
    const { page, line, problems } = await visit();
    const focus = page.locator(':focus');
    const label = () => focus.getAttribute('aria-label');
    await line('client → REST API').focus();
    await page.keyboard.press('ArrowRight');
    expect(await label()).toMatch(/^Inspect REST API/);
    await page.keyboard.press('ArrowRight');
    expect(await label()).toMatch(/^REST API → create-post: /);
    for (const key of ['ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
    expect(await label()).toMatch(/^client → REST API: /);
    await page.keyboard.press('Tab');
    expect(await page.locator('.picture :focus').count()).toBe(0);
    await page.getByRole('checkbox', { name: /show everything/ }).check();
    await line('REST API → list-posts').waitFor();

    const divider = page.getByRole('separator', { name: 'Size of the list of traces' });
    const before = Number(await divider.getAttribute('aria-valuenow'));
    await divider.press('ArrowRight');
    await page.getByRole('button', { name: 'Hide the picture' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Show the picture' }).click();
    await line('client → REST API').waitFor();
    expect(Number(await divider.getAttribute('aria-valuenow'))).toBe(before + 16);
    expect(problems).toEqual([]);
  });

  it('shows the traffic of every hop, and the picture alone', async () => {
    const { page, line, tab, problems } = await visit();
    await tab('Overview').click();
    await page.getByRole('heading', { name: 'Overview: the last 5 min' }).waitFor();
    // With `--speed 20`, five minutes are over after 15 seconds, so a failure is repeated until it is
    // seen.
    const fault = { fault: 'error', times: 1, hop: 'create-post → dynamodb:PutItem' };
    const untilSeen = (isSeen: () => Promise<void>) =>
      eventually(async () => {
        await fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });
        await cloud.post({ ...examplePost, title: 'Failed once' });
        await isSeen();
      });
    const failedLine = async () =>
      expect(await line('create-post → PostsTable', 'failed').count()).toBeGreaterThan(0);
    await untilSeen(failedLine);
    const rows = page.getByRole('table').getByRole('row');
    await page.getByRole('button', { name: 'failed' }).click();
    await untilSeen(async () => {
      const [, first = ''] = await rows.allTextContents();
      expect(first).toMatch(/^create-post → PostsTable/);
    });
    expect(await seriousViolations(page)).toEqual([]);

    await page.getByRole('button', { name: 'Large view' }).click();
    await page.getByText(/\d+ POST \/posts in 5 min/).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    await page.reload();
    await line('create-post → PostsTable').waitFor();
    await untilSeen(failedLine);
    await page.getByText(/\d+ POST \/posts in 5 min/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await tab('Overview').waitFor();
    expect(problems).toEqual([]);
  });

  it('requests no changes while it is hidden, and shows them afterwards', async () => {
    const { page, problems } = await visit();
    const hide = (hidden: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));`);
    const isForChanges = (request: Request) => request.url().endsWith('/_local/flow/events');
    const ended = page.waitForEvent('requestfailed', isForChanges);
    await hide(true);
    await ended;
    await cloud.post({ ...examplePost, title: 'Posted meanwhile' });
    const begun = page.waitForRequest(isForChanges);
    await hide(false);
    await begun;
    await page.getByText('POST /posts: Posted meanwhile').first().waitFor();
    expect(problems).toEqual([]);
  });

  it('shows what is in a node of the picture, and tests an event against the pattern of a rule', async () => {
    const { page, problems } = await visit();
    const saved = await cloud.post({ ...examplePost, title: 'Seen in the table' });
    const node = (name: string) => page.getByRole('link', { name: `Inspect ${name}` }).first();
    const inspector = page.locator('.inspector');
    await node('create-post').focus();
    await page.keyboard.press('Enter');
    await inspector.getByRole('heading', { name: 'create-post' }).waitFor();
    await inspector.getByText('POST /posts: Seen in the table').first().waitFor();
    await inspector.getByRole('cell', { name: 'BLOG_BUS' }).waitFor();
    await page.keyboard.press('Escape');
    await inspector.waitFor({ state: 'detached' });
    await node('PostsTable').click();
    const id = saved.headers.get('location')?.split('/').at(-1) ?? '';
    await inspector.getByRole('searchbox').fill(id);
    await inspector.getByText(id, { exact: true }).click();
    await inspector.getByText('"title": "Seen in the table"').waitFor();
    await node('blogPostCreation').click();
    await inspector.getByRole('textbox', { name: 'Test an event' }).fill('{"source":"shop"}');
    await inspector.getByRole('button', { name: 'Test' }).click();
    await inspector.getByText('The rule does not match this event.').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('keeps the open mail and its selected text while mails arrive, and finds and deletes mails', async () => {
    const { page, tab, problems } = await visit();
    await cloud.subscribe('reader@example.com', 'mails');
    const post = (title: string) => cloud.post({ ...examplePost, title, topic: 'mails' });
    await post('First mail');
    await tab('Inbox').click();
    const mails = page.getByRole('list', { name: 'Mails, newest first' }).getByRole('link');
    await mails.filter({ hasText: 'First mail' }).click();
    const address = page.locator('.open-mail').getByRole('link', { name: /\/posts\// });
    expect(await address.getAttribute('href')).toMatch(/\/posts\/[0-9a-f-]{36}$/);
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('.open-mail pre a'))");
    const selected = await page.evaluate('String(getSelection())');
    await post('Second mail');
    await mails.filter({ hasText: 'Second mail' }).waitFor();
    expect(await page.evaluate('String(getSelection())')).toBe(selected);
    expect(await seriousViolations(page)).toEqual([]);

    await page.getByRole('searchbox').fill('second MAIL');
    await eventually(async () => expect(await mails.count()).toBe(1));
    const remove = page.getByRole('button', { name: 'Delete 1 found' });
    await remove.press('Enter');
    await page.getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).press('Enter');
    await remove.click();
    await remove.click();
    await page.getByText('No mail contains these words').waitFor();
    await page.getByRole('searchbox').fill('');
    await eventually(async () => expect(await mails.count()).toBe(2));
    await page.goto(`${cloud.url}/_local/inbox`);
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('is usable at the width of a phone', async () => {
    const { page, tab, problems } = await visit({ viewport: { width: 390, height: 844 } });
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
    await tab('Inbox').click();
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
    await tab('Connections').click();
    // With `--speed 20`, an idle connection is closed after 30 seconds.
    await eventually(async () => {
      await cloud.connect();
      await page.getByText('no parameters').first().waitFor({ timeout: 5_000 });
    });
    expect(await seriousViolations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});

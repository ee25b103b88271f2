import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { eventually } from 'local-cloud/fixtures/eventually';
import type { BrowserContextOptions } from 'playwright-core';
import { examplePost as text } from '../../contracts/examples.ts';
import { Post } from '../../model/post.ts';
import { removePost } from '../../operations/post-removal.ts';
import { localStackOf } from '../../operations/stack.ts';
import { describeInBrowser } from '../../testing/chromium.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';
import { UNTHROTTLED } from '../../testing/unthrottled.ts';
import { seriousViolations } from './accessibility.ts';
import { checkTraffic } from './checked-traffic.ts';
import { Reader } from './reader.ts';

describeInBrowser('the web page', (browser) => {
  let cloud: LocalCloud;
  let data: string;
  /** Responses and messages to the pages of a test that differ from the documents. */
  const violations: string[] = [];
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'web-page-'));
    cloud = await LocalCloud.start(UNTHROTTLED, { data });
  });
  afterEach(async () => {
    for (const context of browser().contexts()) await context.close();
    await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });
    expect(violations.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await cloud?.stop();
    await rm(data, { recursive: true, force: true });
  });

  const visit = async (path = '/', options: BrowserContextOptions = {}) => {
    const reader = await Reader.open(browser(), options);
    checkTraffic(reader.page, cloud, violations);
    await reader.goTo(`${cloud.outputs.PageUrl}${path}`);
    return reader;
  };
  const addFault = (fault: object) =>
    fetch(`${cloud.url}/_local/faults`, { method: 'POST', body: JSON.stringify(fault) });

  it('shows a new post as saved at once, then its people and places, without a reload', async () => {
    const call = { service: 'comprehend', operation: 'DetectEntities' };
    await addFault({ ...call, fault: 'delay', ms: 700 });
    const reader = await visit();
    await reader.write({ ...text, title: 'Lighting up' });
    const post = reader.post('Lighting up');
    await post.getByText('Saved. Looking for people and places').waitFor();
    await reader.page.getByRole('status').getByText('Saved.', { exact: true }).waitFor();
    expect(await reader.field('Text').inputValue()).toBe('');

    await post.getByRole('listitem').getByText('Joe').waitFor();
    expect(await post.getByRole('listitem').allTextContents()).toEqual(['Person: Joe', 'Place: Spain']);
    expect(await post.locator('mark.person').allInnerTexts()).toEqual(['Joe']);
    expect(await post.locator('mark.place').allInnerTexts()).toEqual(['Spain']);
    expect(reader.problems).toEqual([]);
  });

  it('highlights people and places on the page of a post too', async () => {
    await addFault({ service: 'comprehend', operation: 'DetectEntities', fault: 'delay', ms: 700 });
    const reader = await visit();
    await reader.write({ ...text, title: 'On its page' });
    await reader.page.getByRole('link', { name: 'On its page' }).click();
    await reader.page.getByRole('heading', { level: 1, name: 'On its page' }).waitFor();
    await reader.page.getByText('Looking for people and places').waitFor();
    await reader.page.getByRole('listitem').getByText('Joe').waitFor();
    await reader.page.goBack();
    await reader.post('On its page').locator('mark.person').waitFor();
    expect(reader.problems).toEqual([]);
  });

  it('says after a minute that the enrichment takes longer than usual, and still shows its outcome', async () => {
    await addFault({ service: 'comprehend', operation: 'DetectEntities', fault: 'delay', ms: 8_000 });
    const reader = await visit();
    await reader.page.clock.install();
    await reader.write({ ...text, title: 'Slow' });
    const post = reader.post('Slow');
    await post.getByText('Looking for people and places').waitFor();
    await reader.page.clock.fastForward('01:00');
    await post.getByText('takes longer than usual').waitFor();
    expect(
      await post.locator('.pending').evaluate((line) => line.getAnimations({ subtree: true }).length),
    ).toBe(0);
    await post.locator('mark.person').waitFor();
  });

  it('shows why a post cannot be enriched', async () => {
    const call = { service: 'comprehend', operation: 'DetectEntities' };
    await addFault({ ...call, fault: 'error', code: 'TextSizeLimitExceededException', status: 400 });
    const reader = await visit();
    await reader.write({ ...text, title: 'Too much' });
    await reader.post('Too much').getByText('The text is too large to be analysed.').waitFor();
  });

  it('shows two readers the posts of each other, or only those of a chosen topic', async () => {
    const [one, other] = await Promise.all([visit('/?topic=autumn'), visit()]);
    await one.page.getByRole('heading', { level: 1, name: 'Posts about autumn' }).waitFor();
    await Promise.all([one.isLive(), other.isLive()]);
    await other.write({ ...text, title: 'Of autumn', topic: 'Autumn' });
    await (await one.arrived('Of autumn')).locator('mark.place').waitFor();
    // The author sees the enrichment although the feed shows another topic.
    await one.write({ ...text, title: 'Of spring', topic: 'spring' });
    await one.post('Of spring').locator('mark.place').waitFor();
    await (await other.arrived('Of spring')).locator('mark.place').waitFor();
    await other.write({ ...text, title: 'Of winter', topic: 'winter' });
    await other.post('Of winter').locator('mark.place').waitFor();
    expect(await one.post('Of winter').count()).toBe(0);

    await other.post('Of spring').getByRole('link', { name: 'Topic: spring' }).click();
    await other.page.getByRole('heading', { level: 1, name: 'Posts about spring' }).waitFor();
    await other.post('Of spring').waitFor();
    expect(await other.post('Of autumn').count()).toBe(0);
    expect([...one.problems, ...other.problems]).toEqual([]);
  });

  it('moves nothing when 200 posts arrive at once, and shows them on request', async () => {
    const reader = await Reader.open(browser(), { viewport: { width: 1000, height: 600 } });
    const { page } = reader;
    let push = (_message: string) => {};
    await page.routeWebSocket(/./, (socket) => {
      socket.connectToServer();
      push = (message) => socket.send(message);
    });
    for (const n of [1, 2, 3, 4, 5]) await cloud.post({ ...text, topic: 'burst', title: `Early ${n}` });
    await page.addInitScript(`shifts = 0;
      new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) shifts += value;
      }).observe({ type: 'layout-shift' });`);
    await reader.goTo(`${cloud.outputs.PageUrl}/?topic=burst`);
    await reader.isLive();
    const last = reader.post('Early 1');
    await last.scrollIntoViewIfNeeded();
    await last.locator('mark.person').waitFor();
    const place = await last.boundingBox();

    const createdAt = new Date().toISOString();
    for (let n = 1; n <= 200; n++) {
      const post = { ...text, id: randomUUID(), createdAt, topic: 'burst', title: `Late ${n}` };
      const enriched = { ...post, entities: { persons: ['Joe'], locations: ['Spain'] } };
      push(JSON.stringify({ type: 'post.updated', revision: 2, post: enriched }));
    }
    await page.getByRole('button', { name: '200 new posts' }).waitFor();
    await page.getByRole('status').getByText('200 new posts').waitFor();
    await eventually(async () => expect(await page.title()).toMatch(/^\(200\) Posts about burst/));
    expect(await last.boundingBox()).toEqual(place);
    expect(await page.evaluate('shifts')).toBeLessThan(0.1);
    expect(await seriousViolations(page)).toEqual([]);

    await reader.newPosts.press('Enter');
    await page.locator('article:focus').getByText('Late').waitFor();
    expect(await page.getByRole('article').count()).toBe(20);
    await eventually(async () => expect(await page.title()).toMatch(/^Posts about burst/));
    expect(reader.problems).toEqual([]);
  });

  it('finds posts by topic, author and name, and fills in the topic that is read about', async () => {
    const create = (title: string, post: object) => cloud.post({ ...text, topic: 'finding', title, ...post });
    await create('By Ann', { author: 'Ann & Co' });
    await create('By Bob', { author: 'Bob', body: 'Nobody goes anywhere' });
    const reader = await visit('/?topic=finding');
    const { page } = reader;
    const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
    const hasPosts = async (...titles: string[]) => {
      await eventually(async () =>
        expect(await page.getByRole('heading', { level: 2 }).getByRole('link').allInnerTexts()).toEqual(
          titles,
        ),
      );
    };
    const composedTopic = page.getByRole('region', { name: 'Write a post' }).getByLabel('Topic');
    await hasPosts('By Bob', 'By Ann');
    await reader.post('By Ann').locator('mark.person').waitFor();
    expect(await composedTopic.inputValue()).toBe('finding');
    expect(await reader.field('Topics').inputValue()).toBe('finding');
    const topics = page.getByRole('navigation', { name: 'Topics of the posts' });
    await topics.getByRole('link', { name: 'finding 2' }).and(page.locator('[aria-current]')).waitFor();
    expect(await page.locator('#topic-suggestions option[value=finding]').count()).toBe(1);

    await reader.post('By Ann').getByRole('link', { name: 'Author: Ann & Co' }).click();
    await heading('Posts by Ann & Co');
    await hasPosts('By Ann');
    await page.reload();
    await hasPosts('By Ann');
    await reader.isLive();
    await create('By Bob again', { author: 'Bob' });
    await create('By Ann again', { author: 'Ann & Co' });
    await reader.arrived('By Ann again');
    await hasPosts('By Ann again', 'By Ann');
    expect(await seriousViolations(page)).toEqual([]);

    await reader.post('By Ann').getByRole('link', { name: 'By Ann' }).click();
    await heading('By Ann');
    expect(await reader.field('Topics').inputValue()).toBe('finding');
    await page.getByRole('link', { name: 'Place: Spain' }).click();
    await heading('Posts that name Spain');
    await reader.post('By Ann').waitFor();
    expect(await reader.post('By Bob').count()).toBe(0);
    await page.getByText(/of the \d+ newest posts names? Spain/).waitFor();
    await page.goBack();
    await page.goBack();
    await heading('Posts by Ann & Co');
    await hasPosts('By Ann again', 'By Ann');
    await page.getByRole('link', { name: 'All posts' }).click();
    await heading('Latest posts');
    expect(await composedTopic.inputValue()).toBe('');

    // The own post is shown whatever it names.
    await reader.goTo(`${cloud.outputs.PageUrl}/?name=Spain`);
    await reader.write({ ...text, title: 'Names nobody', body: 'It rains' });
    await reader.post('Names nobody').waitFor();
    expect(reader.problems).toEqual([]);
  });

  it('links to older posts and to the page of each, and reports pages and posts that do not exist', async () => {
    const numbers = Array.from({ length: 25 }, (_, n) => n);
    await Promise.all(numbers.map((n) => cloud.post({ ...text, topic: 'many', title: `Number ${n}` })));
    const reader = await visit('/?topic=many');
    const posts = reader.page.getByRole('article');
    await posts.nth(19).waitFor();
    expect(await posts.count()).toBe(20);
    await reader.page.getByRole('button', { name: 'Older posts' }).press('Enter');
    await posts.nth(24).waitFor();
    await reader.hasFocus(await posts.nth(20).getByRole('link').first().innerText());
    const oldest = posts.nth(24).getByRole('link').first();
    const title = await oldest.innerText();
    await oldest.click();
    await reader.page.getByRole('heading', { level: 1, name: title }).waitFor();
    await reader.page.locator('mark.person').waitFor();
    await reader.hasFocus(title);
    await reader.page.reload();
    await reader.page.getByRole('heading', { level: 1, name: title }).waitFor();
    await reader.page.goto(`${cloud.outputs.PageUrl}/p/${randomUUID()}`);
    await reader.page.getByText('There is no such post.').waitFor();
    await reader.page.goto(`${cloud.outputs.PageUrl}/elsewhere`);
    await reader.page.getByText('There is no such page.').waitFor();
  });

  it('takes a removed post away from the feed and from its page', async () => {
    const remove = (id: string) => removePost(localStackOf(cloud.outputs), id);
    const create = async (title: string) =>
      Post.parse(await (await cloud.post({ ...text, topic: 'removal', title })).json());
    const [watched, kept] = [await create('Watched'), await create('Kept')];
    const feed = await visit('/?topic=removal');
    for (const { title } of [watched, kept]) await feed.post(title).locator('mark.person').waitFor();
    const page = await visit(`/p/${watched.id}`);
    await Promise.all([feed.isLive(), page.isLive()]);

    await remove(watched.id);
    await feed.post('Watched').waitFor({ state: 'detached' });
    await page.page.getByText('This post was removed.').waitFor();
    await page.page.reload();
    await page.page.getByText('This post was removed.').waitFor();

    expect(await feed.post('Kept').count()).toBe(1);
  });

  it('keeps the text of a post that could not be saved, and creates one post despite several attempts', async () => {
    const reader = await visit();
    const keys: (string | undefined)[] = [];
    await reader.page.route(/\/posts$/, async (route, request) => {
      if (request.method() !== 'POST') return route.continue();
      keys.push(request.headers()['idempotency-key']);
      // The second attempt is saved, but its response is lost.
      if (keys.length === 2) await route.fetch();
      return keys.length < 3 ? route.abort() : route.continue();
    });
    await reader.write({ ...text, title: 'Again' });
    const alert = reader.page.getByRole('alert');
    await alert
      .getByText('The post is not saved. Your text is kept. The server cannot be reached.')
      .waitFor();
    await reader.page.reload();
    expect(await reader.field('Text').inputValue()).toBe(text.body);
    await reader.page.getByRole('button', { name: 'Save' }).click();
    await alert.waitFor();
    await reader.page.getByRole('button', { name: 'Retry' }).click();
    await reader.post('Again').locator('mark.person').waitFor();
    expect(await reader.post('Again').count()).toBe(1);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  it('keeps the text and the result of a save while the author visits another page', async () => {
    await cloud.post({ ...text, title: 'Elsewhere' });
    const reader = await visit();
    const saving = { hop: 'create-post → dynamodb:PutItem' };
    const lookElsewhere = async () => {
      await reader.page.getByRole('button', { name: 'Save' }).click();
      await reader.post('Elsewhere').getByRole('link', { name: 'Elsewhere' }).click();
      await reader.page.getByRole('heading', { level: 1, name: 'Elsewhere' }).waitFor();
    };
    await addFault({ ...saving, fault: 'delay', ms: 1500, times: 1 });
    await reader.fill({ ...text, title: 'Slowly' });
    await lookElsewhere();
    await reader.page.goBack();
    expect(await reader.field('Title').inputValue()).toBe('Slowly');
    expect(await reader.field('Title').isEditable()).toBe(false);
    await reader.post('Slowly').waitFor();
    await reader.page.getByText('Saved.', { exact: true }).waitFor();
    expect(await reader.field('Title').inputValue()).toBe('');

    await addFault({ ...saving, fault: 'error' });
    await reader.fill({ ...text, title: 'In vain' });
    const answer = reader.page.waitForResponse((response) => response.status() === 503);
    await lookElsewhere();
    await answer;
    await reader.page.goBack();
    await reader.page.getByRole('alert').getByText('The post is not saved. Your text is kept.').waitFor();
    expect(await reader.field('Title').inputValue()).toBe('In vain');
    await fetch(`${cloud.url}/_local/faults`, { method: 'DELETE' });
    await reader.page.getByRole('button', { name: 'Retry' }).click();
    await reader.post('In vain').waitFor();
  });

  it.each([
    [360, 640],
    [1440, 900],
  ])('brings a saved post into view, however long it was, at %i by %i', async (width, height) => {
    const first = `First, for ${width} pixels`;
    await cloud.post({ ...text, title: first });
    const reader = await visit('/', { viewport: { width, height }, reducedMotion: 'reduce' });
    const top = (title: string) => reader.post(title).evaluate((card) => card.getBoundingClientRect().top);
    await reader.post(first).waitFor();
    expect(await top(first)).toBeLessThan(300);
    const title = `Long, for ${width} pixels`;
    await reader.write({ ...text, title, body: `${text.body}.\n\n`.repeat(60) });
    await reader.page.locator('article:focus').and(reader.post(title)).waitFor();
    await eventually(async () => {
      expect(await top(title)).toBeGreaterThanOrEqual(0);
      expect(await top(title)).toBeLessThan(height / 2.5);
    });
    await reader.page.getByText('Saved.', { exact: true }).waitFor();
    expect(await reader.field('Text').isVisible()).toBe(false);
  });

  it('opens the form on focus, closes it on Escape without losing the text, and saves on Ctrl+Enter', async () => {
    const reader = await visit();
    const { keyboard } = reader.page;
    expect(await reader.field('Text').isVisible()).toBe(false);
    await reader.field('Title').focus();
    await reader.field('Text').fill('Kept');
    await keyboard.press('Escape');
    await reader.field('Text').waitFor({ state: 'hidden' });
    await reader.page.locator('[name=title]:focus').waitFor();
    await reader.page.getByText('Your draft is kept.').waitFor();
    expect(await seriousViolations(reader.page)).toEqual([]);
    await keyboard.press('Enter');
    expect(await reader.field('Text').inputValue()).toBe('Kept');
    await reader.page.getByRole('button', { name: 'Close' }).click();
    await reader.field('Text').waitFor({ state: 'hidden' });
    await keyboard.type('By shortcut');
    await reader.fill({ ...text, title: 'By shortcut' });
    await reader.field('Text').press('Control+Enter');
    await reader.post('By shortcut').locator('mark.person').waitFor();
  });

  it('sends the chosen language, keeps it for the next post, and says when a field is nearly full', async () => {
    const reader = await visit();
    await reader.fill({ ...text, title: 'x'.repeat(195), topic: 'x'.repeat(51) });
    await reader.page.getByText('5 characters left.').waitFor();
    await reader.page.getByText('1 character too long.').waitFor();
    await reader.field('Language').selectOption('Spanish');
    await reader.fill({ ...text, title: 'En español' });
    const sent = reader.page.waitForRequest((request) => request.method() === 'POST');
    await reader.page.getByRole('button', { name: 'Save' }).click();
    expect((await sent).postDataJSON()).toEqual({ ...text, title: 'En español', language: 'es' });
    await reader.post('En español').locator('.text[lang=es]').waitFor();
    await reader.page.reload();
    await reader.field('Title').focus();
    expect(await reader.field('Language').inputValue()).toBe('es');
  });

  it('keeps a separate text for each tab', async () => {
    const reader = await visit();
    const other = await reader.page.context().newPage();
    await other.goto(reader.page.url());
    await reader.field('Title').fill('One');
    await other.getByLabel('Title').fill('Other');
    await reader.page.reload();
    expect(await reader.field('Title').inputValue()).toBe('One');
    expect(await other.getByLabel('Title').inputValue()).toBe('Other');
  });

  it('shows the error of each invalid field, and moves the focus to the first', async () => {
    const reader = await visit();
    await reader.write({ ...text, title: ' ', topic: 'x'.repeat(51) });
    await reader.page.getByText('Title must not be empty.').waitFor();
    await reader.page.getByText('Topic must be at most 50 characters.').waitFor();
    await reader.page.locator('[name=title]:focus').waitFor();
  });

  it('subscribes by mail', async () => {
    const reader = await visit('/?topic=summer');
    await reader.field('Mail address').fill('reader');
    await reader.page.getByRole('button', { name: 'Subscribe' }).click();
    await reader.page.getByText('Mail address must be an e-mail address.').waitFor();
    await reader.page.locator('[name=email]:focus').waitFor();
    await reader.field('Mail address').fill('reader@example.com');
    await reader.field('Topics').fill('Summer, winter,');
    await reader.page.getByRole('button', { name: 'Subscribe' }).click();
    await reader.page.getByText('Check your mailbox').waitFor();
    await eventually(async () => expect(await cloud.emails('reader@example.com')).toHaveLength(1));

    await reader.goTo(`${cloud.outputs.PageUrl}/?topic=paris,+texas`);
    await reader.field('Mail address').fill('other.reader@example.com');
    const sent = reader.page.waitForRequest((request) => request.method() === 'POST');
    await reader.page.getByRole('button', { name: 'Subscribe' }).click();
    expect((await sent).postDataJSON()).toMatchObject({ topics: ['paris, texas'] });
  });

  it('keeps typed topics, and confirms only the subscription that was sent', async () => {
    const reader = await visit('/?topic=summer');
    const { page } = reader;
    const topics = reader.field('Topics');
    await reader.field('Mail address').fill('one@example.com');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByText('Check your mailbox').waitFor();
    await page.getByRole('link', { name: 'All topics' }).click();
    await page.getByText('Check your mailbox').waitFor({ state: 'detached' });
    expect(await topics.inputValue()).toBe('');
    await topics.fill('winter');
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Posts about summer' }).waitFor();
    expect(await topics.inputValue()).toBe('winter');
    await reader.field('Mail address').fill('other@example.com');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByText('Check your mailbox').waitFor();
    await reader.field('Mail address').fill('one@example.com');
    await page.getByText('Check your mailbox').waitFor({ state: 'detached' });
  });

  // After the tests that subscribe, because it uses up the limit of the IP address.
  it('shows when another subscription is allowed', async () => {
    const subscription = { email: 'many@example.com', topics: ['summer'] };
    while ((await cloud.postSubscription(subscription)).ok);
    const reader = await visit('/?topic=summer');
    await reader.field('Mail address').fill('late@example.com');
    await reader.page.getByRole('button', { name: 'Subscribe' }).click();
    await reader.page
      .getByRole('alert')
      .getByText(/Please try again in \d+ minutes/)
      .waitFor();
  });

  it('shows what users write as text, never as HTML', async () => {
    const script = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const post = {
      author: `${script}"onload="alert(3)`,
      title: `${script}{{constructor.constructor('alert(4)')()}}`,
      body: `Joe${script} is going to Spain </p><svg onload=alert(5)> javascript:alert(6) \u202e Spain`,
      topic: `"><img src=x onerror=alert(7)>&topic=#`,
    };
    const reader = await visit();
    await reader.write(post);
    const shown = reader.post(post.title);
    await shown.locator('mark.place').first().waitFor();
    for (const written of Object.values(post)) {
      expect((await shown.allInnerTexts()).join().toLowerCase()).toContain(written.toLowerCase());
    }
    await shown.getByRole('link', { name: post.title }).click();
    await reader.page.getByRole('heading', { level: 1, name: post.title }).waitFor();
    await reader.page.getByRole('link', { name: post.topic }).click();
    await reader.page.getByRole('heading', { level: 1, name: `Posts about ${post.topic}` }).waitFor();
    await reader.post(post.title).waitFor();
    await reader.page.reload();
    await reader.post(post.title).waitFor();
    expect(await reader.page.locator('main img, main script').count()).toBe(0);
    expect(reader.problems).toEqual([]);
  });

  it('can be used by keyboard alone', async () => {
    const reader = await visit();
    const { keyboard } = reader.page;
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await reader.page.locator('#main:focus').waitFor();
    await reader.tabTo('title');
    for (const written of ['By hand', text.body, text.author, text.topic]) {
      await keyboard.type(written);
      await keyboard.press('Tab');
    }
    // Past the language, English.
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await reader.post('By hand').locator('mark.person').waitFor();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await reader.page.getByRole('heading', { level: 1, name: 'By hand' }).waitFor();
    await reader.page.locator('h1:focus').waitFor();
    await reader.page.goBack();
    await reader.page.getByRole('heading', { level: 1, name: 'Latest posts' }).waitFor();
    await reader.page.locator('h1:focus').waitFor();
  });

  it('keeps the focus on the button during a retry, and moves it to the heading afterwards', async () => {
    const { id } = Post.parse(await (await cloud.post({ ...text, title: 'At last' })).json());
    const reader = await visit('/elsewhere');
    const { page } = reader;
    const down = new Set(['Try again', 'Try now']);
    await page.route(/\/posts/, (route) => (down.has('Try again') ? route.abort() : route.continue()));
    await page.routeWebSocket(/./, async (socket) => {
      if (down.has('Try now')) await socket.close();
      else socket.connectToServer();
    });
    const tryTwice = async (name: string, heading: string) => {
      const button = page.getByRole('button', { name });
      await button.press('Enter');
      await page.getByRole('button', { name, disabled: false }).waitFor();
      await reader.hasFocus(name);
      down.delete(name);
      await page.keyboard.press('Enter');
      await button.waitFor({ state: 'detached' });
      await reader.hasFocus(heading);
    };
    await page.goto(`${cloud.outputs.PageUrl}/p/${id}`);
    await tryTwice('Try again', 'At last');
    await tryTwice('Try now', 'At last');
    down.add('Try again');
    await page.getByRole('link', { name: 'Event-driven blog' }).click();
    await tryTwice('Try again', 'Latest posts');
  });

  it('reads by itself what could not be read, and says at the top that new posts are missing', async () => {
    await cloud.post({ ...text, topic: 'retries', title: 'Read at last' });
    const reader = await Reader.open(browser(), {});
    const { page } = reader;
    let disconnect = async () => {};
    await page.routeWebSocket(/./, (socket) => {
      socket.connectToServer();
      disconnect = () => socket.close();
    });
    const fail = () => page.route(/\/posts\?/, (route) => route.abort());
    await fail();
    await reader.goTo(`${cloud.outputs.PageUrl}/?topic=retries`);
    const alert = page.getByRole('alert');
    await alert.getByText('The posts could not be read: the server cannot be reached.').waitFor();
    await page.unrouteAll();
    await reader.post('Read at last').waitFor();
    await alert.waitFor({ state: 'detached' });

    await reader.isLive();
    await fail();
    await disconnect();
    await alert.getByText('New posts could not be read: the server cannot be reached.').waitFor();
    expect(await page.locator('[role=alert] ~ article').count()).toBe(1);
    await page.unrouteAll();
    await page.evaluate('dispatchEvent(new Event("online"))');
    await alert.waitFor({ state: 'detached' });
  });

  it('fits on a phone, even with very long words', async () => {
    const word = 'Donaudampfschiff'.repeat(12);
    await cloud.post({
      author: word.slice(0, 100),
      title: word,
      body: `${word} ${word}`,
      topic: word.slice(0, 50),
    });
    const reader = await visit('/', { viewport: { width: 320, height: 640 } });
    const width = () => reader.page.evaluate('document.documentElement.scrollWidth');
    await reader.post(word).waitFor();
    expect(await width()).toBe(320);
    await reader.page.getByRole('link', { name: word }).click();
    await reader.page.getByRole('heading', { level: 1, name: word }).waitFor();
    expect(await width()).toBe(320);
  });

  it.each(['light', 'dark'] as const)(
    'has no serious accessibility violations, in %s colours',
    async (colorScheme) => {
      await cloud.post({ ...text, title: 'With marks' });
      const reader = await visit('/', { colorScheme, reducedMotion: 'reduce' });
      const violations = () => seriousViolations(reader.page);
      await reader.page.locator('mark').first().waitFor();
      expect(await violations()).toEqual([]);
      await reader.field('Title').focus();
      await reader.page.getByRole('button', { name: 'Save' }).click();
      await reader.page.getByRole('button', { name: 'Subscribe' }).click();
      await reader.page.getByText('Topics must name a topic.').waitFor();
      await reader.page.route(/\/posts/, (route) => route.abort());
      await reader.write(text);
      await reader.page.getByRole('alert').waitFor();
      expect(await violations()).toEqual([]);
      await reader.page.unrouteAll();
      await reader.page.getByRole('heading', { level: 2 }).getByRole('link').first().click();
      await reader.page.locator('main .names').waitFor();
      expect(await violations()).toEqual([]);
      await reader.page.goto(`${cloud.outputs.PageUrl}/elsewhere`);
      await reader.page.getByText('There is no such page.').waitFor();
      expect(await violations()).toEqual([]);
    },
  );

  it('shows an error if it cannot be started', async () => {
    const page = await browser().newPage();
    let fail = () => {};
    const failure = new Promise<void>((resolve) => {
      fail = resolve;
    });
    await page.route('**/config.json', (route) => failure.then(() => route.abort()));
    await page.goto(cloud.outputs.PageUrl ?? '');
    await page.getByRole('status').getByText('Starting…').waitFor();
    fail();
    await page.getByRole('heading', { name: 'The page could not be started' }).waitFor();
    expect(await page.getByText('Starting…').count()).toBe(0);
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('is at most 60 KB of compressed JavaScript', async () => {
    const script = await (await fetch(`${cloud.outputs.PageUrl}/main.js`)).arrayBuffer();
    expect(gzipSync(script).length).toBeLessThan(60_000);
  });

  it('reconnects after the server restarts, shows the posts that it missed, and takes away a removed one', async () => {
    const reader = await visit();
    await reader.write({ ...text, title: 'Before' });
    await reader.post('Before').locator('mark.person').waitFor();
    const removed = await cloud.post({ ...text, title: 'Removed' });
    const { id } = Post.parse(await removed.json());
    await (await reader.arrived('Removed')).locator('mark.person').waitFor();
    const ports = [cloud.url, cloud.awsUrl, cloud.outputs.PageUrl ?? ''].map((url) => new URL(url).port);
    await cloud.stop('SIGKILL');
    await reader.page.getByText('Connection lost, reconnecting').waitFor();
    await reader.page.getByText(/^in \d+ s$/).waitFor();
    expect(await seriousViolations(reader.page)).toEqual([]);
    await reader.page.context().setOffline(true);
    const [port = '', awsPort = '', pagePort = ''] = ports;
    cloud = await LocalCloud.start(['--port', port, '--aws-port', awsPort, '--page-port', pagePort], {
      data,
    });
    const { socket, messages } = await cloud.connect();
    await cloud.post({ ...text, title: 'Meanwhile' });
    await eventually(() => expect(messages).toHaveLength(1));
    await removePost(localStackOf(cloud.outputs), id);
    await eventually(() => expect(messages).toHaveLength(2));
    socket.close();
    expect(await reader.post('Meanwhile').count()).toBe(0);

    await reader.page.context().setOffline(false);
    await reader.isLive();
    await (await reader.arrived('Meanwhile')).locator('mark.person').waitFor();
    await reader.post('Removed').waitFor({ state: 'detached' });
    await reader.post('Before').waitFor();
    await reader.write({ ...text, title: 'After' });
    await reader.post('After').locator('mark.person').waitFor();
  });
});

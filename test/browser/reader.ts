import { eventually } from 'local-cloud/fixtures/eventually';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { NewPost } from '../../model/post.ts';

/** A reader of the web page, in a browser context of its own. */
export class Reader {
  readonly page: Page;
  /** Errors in the browser's console, and dialogs that opened. */
  readonly problems: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
    page.on('pageerror', ({ message }) => this.problems.push(message));
    page.on('dialog', async (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
  }

  static async open(browser: Browser, options: BrowserContextOptions): Promise<Reader> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(120_000);
    return new Reader(await context.newPage());
  }

  async goTo(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  field(label: string): Locator {
    return this.page
      .getByRole('main')
      .or(this.page.getByRole('complementary'))
      .getByLabel(label, { exact: true });
  }

  async fill({ author, title, body, topic }: NewPost): Promise<void> {
    await this.field('Title').fill(title);
    await this.field('Text').fill(body);
    await this.field('Author').fill(author);
    await this.page.getByRole('region', { name: 'Write a post' }).getByLabel('Topic').fill(topic);
  }

  async write(post: NewPost): Promise<void> {
    await this.fill(post);
    await this.page.getByRole('button', { name: /Save|Retry/ }).click();
  }

  post(title: string): Locator {
    return this.page.getByRole('article', { name: title, exact: true });
  }

  /** The button that shows the posts that arrived. */
  get newPosts(): Locator {
    return this.page.getByRole('button', { name: /^\d+ new posts?$/ });
  }

  /** Returns a post that arrives, once it is shown. */
  async arrived(title: string): Promise<Locator> {
    const post = this.post(title);
    await eventually(async () => {
      await post.or(this.newPosts).first().waitFor();
      if (!(await post.isVisible())) await this.newPosts.click();
      expect(await post.isVisible()).toBe(true);
    });
    return post;
  }

  async isLive(): Promise<void> {
    await this.page.getByRole('banner').getByText('Live').waitFor();
  }

  /** Returns the name of the focused field. */
  focused(): Promise<unknown> {
    return this.page.evaluate('document.activeElement.name');
  }

  /** Waits until the focused element has the text. */
  async hasFocus(text: string): Promise<void> {
    await this.page
      .locator(':focus')
      .and(this.page.getByText(text, { exact: true }))
      .waitFor();
  }

  /** Presses Tab until a field has the focus. */
  async tabTo(field: string): Promise<void> {
    for (let presses = 0; presses < 20; presses++) {
      if ((await this.focused()) === field) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`The field ${field} cannot be reached by Tab.`);
  }
}

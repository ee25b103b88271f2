import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** A page in the browser that shows the flow view. */
export class Spectator {
  readonly page: Page;
  /** Errors in the browser, refused scripts and styles, and dialogs that a script opened. */
  readonly problems: string[] = [];
  /** The rows of the timeline. */
  readonly steps: Locator;

  private constructor(page: Page) {
    this.page = page;
    this.steps = page.getByRole('list', { name: /^Steps of/ }).getByRole('link');
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(`${message.text()} ${message.location().url}`);
    });
    page.on('dialog', (dialog) => {
      this.problems.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
  }

  static async visit(browser: Browser, url: string, options: BrowserContextOptions): Promise<Spectator> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 1_400 }, ...options });
    context.setDefaultTimeout(120_000);
    const spectator = new Spectator(await context.newPage());
    await spectator.page.goto(`${url}/_local/`);
    await spectator.line('client → REST API').waitFor();
    return spectator;
  }

  readonly tab = (name: string): Locator => this.page.getByRole('navigation').getByRole('link', { name });

  /** Returns the line of a hop in the picture if its label contains `says`. */
  readonly line = (name: string, says = ''): Locator =>
    this.page
      .getByRole('link', { name: new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}: .*${says}`) })
      .first();
}

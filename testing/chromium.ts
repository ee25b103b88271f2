import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** The paths on Debian, Ubuntu, Fedora, macOS and Windows. `CHROMIUM_PATH` overrides them. */
const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Returns the path of the installed Chromium or Chrome, or `undefined`. */
export function installedChromium(): string | undefined {
  const { CHROMIUM_PATH } = process.env;
  return CHROMIUM_PATH ?? usualPaths.find((path) => existsSync(path));
}

/** Without a browser the tests are skipped, except if `CI` is set: then they fail. */
const isSkipped = () => installedChromium() === undefined && !process.env.CI;

/** Warns that the tests in a browser are skipped. It is Jest's global setup, and so runs once. */
export default function saySkipped(): void {
  if (!isSkipped()) return;
  process.stderr.write(
    'The tests in a browser are skipped: Chromium is not installed. Install it or set CHROMIUM_PATH.\n',
  );
}

/** Declares tests that share one browser, which is open while they run. */
export function describeInBrowser(name: string, tests: (browser: () => Browser) => void): void {
  const executablePath = installedChromium();
  const describeOrSkip = isSkipped() ? describe.skip : describe;
  describeOrSkip(name, () => {
    let browser: Browser;
    beforeAll(async () => {
      if (executablePath === undefined)
        throw new Error('Chromium is not installed. Install it or set CHROMIUM_PATH.');
      const { chromium } = await import('playwright-core');
      browser = await chromium.launch({ executablePath });
    }, 30_000);
    afterAll(() => browser?.close());
    tests(() => browser);
  });
}

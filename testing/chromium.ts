import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** Where Debian, Ubuntu, Fedora, macOS and Windows have it. `CHROMIUM_PATH` goes before. */
const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The path of the machine's Chromium or Chrome, if it has one. */
export function installedChromium(): string | undefined {
  const { CHROMIUM_PATH } = process.env;
  return CHROMIUM_PATH ?? usualPaths.find((path) => existsSync(path));
}

/** On a machine without a browser the tests are skipped; in CI, where `CI` is set, they fail there. */
const isSkipped = () => installedChromium() === undefined && !process.env.CI;

/** Jest's global setup, so that it is said once. */
export default function saySkipped(): void {
  if (!isSkipped()) return;
  process.stderr.write(
    'The tests in a browser are skipped: no Chromium is installed (CHROMIUM_PATH names one).\n',
  );
}

/** Tests in one real browser, which is open from the first of them to the last. */
export function describeInBrowser(name: string, tests: (browser: () => Browser) => void): void {
  const executablePath = installedChromium();
  const describeOrSkip = isSkipped() ? describe.skip : describe;
  describeOrSkip(name, () => {
    let browser: Browser;
    beforeAll(async () => {
      if (executablePath === undefined) throw new Error('No Chromium is installed; CHROMIUM_PATH names one.');
      const { chromium } = await import('playwright-core');
      browser = await chromium.launch({ executablePath });
    }, 30_000);
    afterAll(() => browser?.close());
    tests(() => browser);
  });
}

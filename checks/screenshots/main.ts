import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { chromium, type Page } from 'playwright-core';
import { examplePost } from '../../contracts/examples.ts';
import { installedChromium } from '../../testing/chromium.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';

/*
 * Takes the screenshots of the README: starts a local cloud, writes a post, and captures the pages.
 */

new Command('npm run screenshots --').description('Takes the pictures of docs/images/.').parse();

const folder = join('docs', 'images');

const executablePath = installedChromium();
if (executablePath === undefined) {
  console.error('Chromium is not installed. Install it or set CHROMIUM_PATH.');
  process.exit(1);
}
await mkdir(folder, { recursive: true });
const cloud = await LocalCloud.start();
const browser = await chromium.launch({ executablePath });
try {
  await cloud.subscribe('reader@example.com', examplePost.topic);
  await picture('web-page', { width: 1000, height: 900 }, writePost);
  await picture('flow-view', { width: 1440, height: 1000 }, showLatestTrace);
} finally {
  await browser.close();
  await cloud.stop();
}

async function picture(
  name: string,
  viewport: { width: number; height: number },
  prepare: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await browser.newPage({ viewport, reducedMotion: 'reduce' });
  await prepare(page);
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  await page.close();
  console.log(path);
}

/** Writes a post and waits until it is enriched. */
async function writePost(page: Page): Promise<void> {
  await page.goto(cloud.outputs.PageUrl ?? '');
  await page.getByText('Live', { exact: true }).waitFor();
  const form = page.getByRole('region', { name: 'Write a post' });
  await form.getByLabel('Title').fill('Off for the summer');
  await form
    .getByLabel('Text')
    .fill('Joe is going to Spain. Maria wants to see Paris first, and Peter flew from London to Berlin.');
  await form.getByLabel('Author').fill(examplePost.author);
  await form.getByLabel('Topic').fill(examplePost.topic);
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Berlin' }).waitFor();
}

/** Shows the trace of that post. */
async function showLatestTrace(page: Page): Promise<void> {
  await page.goto(`${cloud.url}/_local/`);
  await page.getByRole('link', { name: /POST \/posts: Off for the summer/ }).click();
  await page.getByText('push-post-update runs').waitFor();
}

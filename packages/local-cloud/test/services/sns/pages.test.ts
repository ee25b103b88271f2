import { join } from 'node:path';
import { confirmationPage, unsubscribePage } from '../../../src/services/sns/pages.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { type LocalSns, openSns, TopicArn } from './open-sns.ts';

const root = temporaryFolder();
let runs = 0;
let local: LocalSns;
beforeEach(async () => {
  local = await openSns(join(root, String(runs++)));
});

describe('the page behind a link', () => {
  test('that does not work shows an error, escaped', async () => {
    const query = new URLSearchParams({ TopicArn, Token: '<script>', Endpoint: 'joe@example.com' });
    expect(await confirmationPage(local.sns, query)).toMatchObject({ status: 400 });
    query.set('SubscriptionArn', '<script>');
    const page = await unsubscribePage(local.sns, query);
    expect(page.status).toBe(400);
    expect(page.body).not.toContain('<script>');
  });
});

import { Inbox } from '../../../src/core/mail.ts';
import { inboxRoutes } from '../../../src/services/mail/inbox-routes.ts';
import { Mailbox } from '../../../src/services/mail/mailbox.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { ServedRoutes } from '../../fixtures/served-routes.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';

const openJournal = temporaryJournals();
const open: ServedRoutes[] = [];
afterEach(() => {
  for (const served of open.splice(0)) served.close();
});

async function setUp() {
  const clock = new ManualClock();
  const mailbox = new Mailbox({ clock, journal: openJournal(), log: new RecordedLog() });
  const served = await ServedRoutes.listen(inboxRoutes(mailbox));
  open.push(served);
  const deliver = (...subjects: string[]) => {
    for (const subject of subjects) {
      mailbox.deliver({ to: 'joe@example.com', subject, text: `Text of ${subject}\n<b>😀</b>\n` });
      clock.advance(1_000);
    }
  };
  const list = async (query = '') =>
    Inbox.parse((await served.call('GET', `/_local/flow/inbox${query}`)).body);
  const subjects = async (query = '') => (await list(query)).mails.map(({ subject }) => subject);
  return { deliver, list, mailbox, served, subjects };
}

it('lists the newest mails first, and finds those that contain every word', async () => {
  const { deliver, list, served, subjects } = await setUp();
  deliver('Summer in Spain', 'Winter', 'Summer in Rome');
  expect(await list()).toMatchObject({ total: 3, unread: 3, found: 3 });
  expect(await subjects()).toEqual(['Summer in Rome', 'Winter', 'Summer in Spain']);
  expect(await subjects('?search=SUMMER%20%20spain')).toEqual(['Summer in Spain']);
  expect(await subjects('?search=%3Cb%3E')).toHaveLength(3);
  expect(await subjects('?search=nothing')).toEqual([]);
  expect(await subjects('?limit=1')).toEqual(['Summer in Rome']);
  expect(await list('?limit=0')).toMatchObject({ found: 3, mails: [] });
  const all = await served.call('GET', '/_local/emails');
  expect(all.body).toMatchObject([{ subject: 'Summer in Spain', read: false }, {}, {}]);
});

it('shows one mail, as JSON and as an SMTP server receives it', async () => {
  const { deliver, mailbox, served } = await setUp();
  deliver('Nächste Post');
  const [mail] = mailbox.mails;
  const path = `/_local/emails/${mail?.id}`;
  expect(await served.call('GET', path)).toMatchObject({ status: 200, body: { ...mail } });
  const { body } = await served.call('GET', `${path}/raw`);
  expect(body).toContain(`Message-ID: <${mail?.id}@sns.amazonaws.com>\r\n`);
  expect(body).toContain('Date: Sat, 31 Jan 2026 09:30:00 +0000\r\n');
  expect(body).toContain('Subject: =?UTF-8?Q?N=C3=A4chste_Post?=\r\n');
  expect(body).toContain('Text of');
  expect(await served.call('GET', '/_local/emails/gone/raw')).toMatchObject({ status: 404 });
});

it('marks mails as read', async () => {
  const { deliver, list, mailbox, served } = await setUp();
  deliver('one', 'two', 'three');
  const [first] = mailbox.mails;
  const path = `/_local/emails/${first?.id}`;
  expect(await served.call('PATCH', path, { read: true })).toMatchObject({ body: { changed: 1 } });
  expect(await served.call('PATCH', path, { read: true })).toMatchObject({ body: { changed: 0 } });
  expect((await list()).mails.map(({ read }) => read)).toEqual([false, false, true]);
  expect(await served.call('PATCH', '/_local/emails', { read: true })).toMatchObject({
    body: { changed: 2 },
  });
  expect(await served.call('PATCH', path, { read: 1 })).toMatchObject({ status: 400 });
  expect(await list()).toMatchObject({ total: 3, unread: 0 });
});

it('deletes one mail, and those that are found and not newer than a time', async () => {
  const { deliver, mailbox, served, subjects } = await setUp();
  deliver('apple 1', 'pear 2', 'apple 3', 'apple 4');
  const [first, , third] = mailbox.mails;
  expect(await served.call('DELETE', `/_local/emails/${first?.id}`)).toMatchObject({ body: { changed: 1 } });
  expect(await served.call('DELETE', `/_local/emails/${first?.id}`)).toMatchObject({ status: 404 });
  for (const method of ['DELETE', 'PATCH', 'GET'])
    for (const until of ['', 'soon', '0', '2026-99-01T00:00:00Z'])
      expect(await served.call(method, `/_local/emails?until=${until}`)).toMatchObject({ status: 400 });
  expect(await subjects()).toHaveLength(3);
  // The same time, as another program writes it.
  const until = third?.receivedAt.replace('.000Z', 'Z');
  const found = `/_local/emails?search=apple&until=${until}`;
  expect(await served.call('DELETE', `/_local/emails?search=apple?&until=${until}`)).toMatchObject({
    body: { changed: 0 },
  });
  expect(await served.call('DELETE', found)).toMatchObject({ body: { changed: 1 } });
  expect(await subjects()).toEqual(['apple 4', 'pear 2']);
  expect(await served.call('DELETE', '/_local/emails')).toMatchObject({ body: { changed: 2 } });
  expect(await subjects()).toEqual([]);
});

it('is not changed by another site or a GET, and its page is that of the flow view', async () => {
  const { deliver, list, mailbox, served } = await setUp();
  deliver('one');
  const foreign = { origin: 'https://evil.example' };
  for (const path of ['/_local/emails', `/_local/emails/${mailbox.mails[0]?.id}`])
    for (const method of ['DELETE', 'PATCH'])
      expect(await served.call(method, path, { read: true }, foreign)).toMatchObject({ status: 403 });
  const response = await fetch(`${served.url}/_local/inbox`, { redirect: 'manual' });
  expect(response.headers.get('location')).toBe('/_local/#tab=inbox');
  expect(await list()).toMatchObject({ total: 1, unread: 1 });
});

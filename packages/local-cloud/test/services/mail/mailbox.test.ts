import { SMTPServer } from 'smtp-server';
import * as z from 'zod/mini';
import { Mailbox } from '../../../src/services/mail/mailbox.ts';
import { ManualClock } from '../../fixtures/manual-clock.ts';
import { RecordedLog } from '../../fixtures/recorded-log.ts';
import { temporaryJournals } from '../../fixtures/temporary-journals.ts';

const clock = new ManualClock();
const log = new RecordedLog();
const mail = { to: 'joe@example.com', subject: 'Nächste Post', text: 'Joe is 😀\n.\nin Spain\n' };
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** @returns the server's URL, and the raw e-mails that it accepted */
async function smtpServer(refuse = false): Promise<{ smtpUrl: string; received: string[] }> {
  const received: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    async onData(stream, _session, callback) {
      const chunks = await stream.toArray();
      if (!refuse) received.push(Buffer.concat(chunks).toString('utf8'));
      callback(refuse ? new Error('mailbox full') : null);
    },
  });
  closing.push(() => server.close());
  const listening = server.listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  const address = listening.address();
  return { smtpUrl: `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, received };
}

const openJournal = temporaryJournals();

function open(smtpUrl?: string, journal = openJournal()): Mailbox {
  const mailbox = new Mailbox({ clock, journal, log, smtpUrl });
  closing.push(() => mailbox.close());
  return mailbox;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a delivered mail is in the inbox', () => {
  const mailbox = open();
  mailbox.deliver(mail);
  expect(mailbox.mails).toEqual([
    {
      ...mail,
      id: expect.any(String),
      receivedAt: '2026-01-31T09:30:00.000Z',
      from: 'no-reply@sns.amazonaws.com',
      read: false,
    },
  ]);
});

test('the newest 10,000 mails are kept', () => {
  const mailbox = open();
  for (let count = 1; count <= 10_001; count++) mailbox.deliver({ ...mail, subject: `${count}` });
  expect(mailbox.mails).toHaveLength(10_000);
  expect(mailbox.mails[0]?.subject).toBe('2');
});

test('a delivered mail is also sent to an SMTP server', async () => {
  const { smtpUrl, received } = await smtpServer();
  const mailbox = open(smtpUrl);
  mailbox.deliver(mail);
  mailbox.deliver({ ...mail, to: 'mary@example.com' });
  await until(() => received.length === 2);
  expect(received.map((raw) => raw.match(/^To: (.*)$/m)?.[1]?.trim()).sort()).toEqual([
    mail.to,
    'mary@example.com',
  ]);
  expect(received[0]).toContain('From: no-reply@sns.amazonaws.com');
  expect(mailbox.mails).toHaveLength(2);
});

test.each([
  ['refuses it', async () => (await smtpServer(true)).smtpUrl],
  ['is unreachable', async () => 'smtp://127.0.0.1:1'],
])('an SMTP server that %s causes a warning, and the inbox has the mail', async (_what, server) => {
  log.warnings.length = 0;
  const mailbox = open(await server());
  mailbox.deliver(mail);
  expect(mailbox.mails).toHaveLength(1);
  await until(() => log.warnings.length > 0);
  expect(log.warnings).toEqual([
    expect.stringContaining('smtp: The e-mail to joe@example.com was not sent:'),
  ]);
});

describe('a restart', () => {
  test('keeps the inbox', () => {
    const journal = openJournal('inbox');
    const mailbox = open(undefined, journal);
    mailbox.deliver(mail);
    mailbox.deliver({ ...mail, to: 'mary@example.com' });
    journal.close();
    const restarted = open(undefined, openJournal('inbox'));
    expect(restarted.mails).toEqual(mailbox.mails);
    expect(restarted.mails.map(({ to }) => to)).toEqual([mail.to, 'mary@example.com']);
  });

  test('keeps what was read and deleted', () => {
    const journal = openJournal('changed');
    const mailbox = open(undefined, journal);
    for (const subject of ['one', 'two', 'three']) mailbox.deliver({ ...mail, subject });
    const [one, two] = mailbox.mails.map(({ id }) => id);
    expect(mailbox.mark(new Set([one ?? '']), true)).toBe(1);
    expect(mailbox.delete(new Set([two ?? '', 'gone']))).toBe(1);
    journal.close();
    const restarted = open(undefined, openJournal('changed'));
    expect(restarted.mails).toMatchObject([
      { subject: 'one', read: true },
      { subject: 'three', read: false },
    ]);
  });

  test('sends the mails again that the SMTP server may not have received, and no others', async () => {
    const first = await smtpServer();
    const journal = openJournal('outbox');
    const mailbox = open(first.smtpUrl, journal);
    mailbox.deliver(mail);
    await until(() => first.received.length === 1);
    // The server has accepted it; wait until this side knows.
    await until(() => journal.section('outbox', z.unknown()).left.size === 0);
    mailbox.deliver({ ...mail, to: 'mary@example.com' });
    journal.close();
    const second = await smtpServer();
    const restarted = open(second.smtpUrl, openJournal('outbox'));
    await until(() => second.received.length === 1);
    expect(second.received[0]).toContain('To: mary@example.com');
    expect(restarted.mails).toHaveLength(2);
  });
});

import { inboxPage } from '../../../src/services/mail/inbox-page.ts';

const mail = {
  id: 'id',
  receivedAt: '2026-01-31T09:30:00.000Z',
  from: 'no-reply@sns.amazonaws.com',
  to: 'joe@example.com',
  subject: 'Subject',
  text: 'Text',
};

test('shows the content of a mail as text, and its links as links', () => {
  const page = inboxPage([
    {
      ...mail,
      subject: '<script>alert(1)</script>',
      text: '{"url":"https://example.com/a?b=1&c=2"} <img src=x> javascript:alert(1) http://x.test/"onclick=',
    },
  ]);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).toContain(
    '&quot;<a href="https://example.com/a?b=1&amp;c=2">https://example.com/a?b=1&amp;c=2</a>&quot;',
  );
  expect(page).toContain(
    '&lt;img src=x&gt; javascript:alert(1) <a href="http://x.test/">http://x.test/</a>&quot;onclick=',
  );
});

test('shows at most 100 mails, newest first', () => {
  const mails = Array.from({ length: 150 }, (_, index) => ({ ...mail, id: `mail-${index}` }));
  const ids = [...inboxPage(mails).matchAll(/<article id="([^"]+)">/g)].map(([, id]) => id);
  expect(ids).toHaveLength(100);
  expect([ids[0], ids.at(-1)]).toEqual(['mail-149', 'mail-50']);
});

test('refreshes itself', () => {
  const page = inboxPage([]);
  expect(page).toContain('http-equiv="refresh"');
});

import { createTransport } from 'nodemailer';
import type { Mail } from '../../core/mail.ts';

const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

/** Returns an e-mail as an SMTP server receives it. Source: RFC 5322. */
export async function rawMail({ id, receivedAt, from, to, subject, text }: Mail): Promise<string> {
  const domain = from.replace(/^.*@/, '');
  const { message } = await composer.sendMail({
    from,
    to,
    subject,
    text,
    date: new Date(receivedAt),
    messageId: `<${id}@${domain}>`,
  });
  return message.toString();
}

import type { OutgoingMail } from '../mail/mailbox.ts';

/** Asks whether the address wants the topic's messages; the link says yes. */
export function confirmationMail(
  awsUrl: string,
  { topicArn, token, endpoint }: { topicArn: string; token: string; endpoint: string },
): OutgoingMail {
  const query = new URLSearchParams({ TopicArn: topicArn, Token: token, Endpoint: endpoint });
  return {
    to: endpoint,
    subject: 'AWS Notification - Subscription Confirmation',
    text: `Somebody asked for this address to receive what is published to the topic

${topicArn}

To confirm, open this link; to decline, do nothing:

${awsUrl}/confirmation.html?${query}
`,
  };
}

/** Brings a published message; the link at its end ends the subscription. */
export function notificationMail(
  awsUrl: string,
  { arn, endpoint }: { arn: string; endpoint: string },
  message: string,
  subject = 'AWS Notification Message',
): OutgoingMail {
  const query = new URLSearchParams({ SubscriptionArn: arn, Endpoint: endpoint });
  return {
    to: endpoint,
    subject,
    text: `${message}

--
To receive no more of these messages, open this link:

${awsUrl}/unsubscribe.html?${query}
`,
  };
}

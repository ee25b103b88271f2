import type { OutgoingMail } from '../mail/mailbox.ts';

/** Returns the e-mail that asks an address to confirm its subscription; the link confirms it. */
export function confirmationMail(
  awsUrl: string,
  { topicArn, token, endpoint }: { topicArn: string; token: string; endpoint: string },
): OutgoingMail {
  const query = new URLSearchParams({ TopicArn: topicArn, Token: token, Endpoint: endpoint });
  return {
    to: endpoint,
    subject: 'AWS Notification - Subscription Confirmation',
    text: `A subscription to this topic was requested for this address:

${topicArn}

To confirm, open this link. To decline, ignore this mail:

${awsUrl}/confirmation.html?${query}
`,
  };
}

/** Returns the e-mail that contains a published message; its last link ends the subscription. */
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
To unsubscribe, open this link:

${awsUrl}/unsubscribe.html?${query}
`,
  };
}

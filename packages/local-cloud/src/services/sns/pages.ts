import * as z from 'zod/mini';
import { AwsError, type Service } from '../../core/service.ts';
import { html, page } from '../../http/html.ts';

/** A response to a browser. */
export interface Page {
  status: number;
  body: string;
}

const Confirmed = z.object({ SubscriptionArn: z.string() });
const Subscription = z.object({ Attributes: z.object({ TopicArn: z.string(), Endpoint: z.string() }) });

/**
 * Answers `/confirmation.html`, the link in a confirmation e-mail. A token that SNS does not know
 * leads to an error page.
 */
export function confirmationPage(sns: Service, query: URLSearchParams): Promise<Page> {
  return answer(async () => {
    const { TopicArn = '', Token, Endpoint = '' } = Object.fromEntries(query);
    const { SubscriptionArn } = Confirmed.parse(await sns.call('ConfirmSubscription', { TopicArn, Token }));
    const unsubscribe = `/unsubscribe.html?${new URLSearchParams({ SubscriptionArn, Endpoint })}`;
    return page(
      'Subscription confirmed',
      html`<p>${Endpoint} now receives the messages of ${TopicArn}.</p>
<p>The subscription is ${SubscriptionArn}.</p>
<p>If this was a mistake, <a href="${unsubscribe}">unsubscribe</a>.</p>`,
    );
  });
}

/**
 * Answers `/unsubscribe.html`, the link in a notification e-mail. The address in the link must be
 * the subscription's.
 */
export function unsubscribePage(sns: Service, query: URLSearchParams): Promise<Page> {
  return answer(async () => {
    const { SubscriptionArn, Endpoint } = Object.fromEntries(query);
    const attributes = await sns.call('GetSubscriptionAttributes', { SubscriptionArn });
    const { Attributes } = Subscription.parse(attributes);
    if (Endpoint !== Attributes.Endpoint) {
      throw new AwsError('InvalidParameter', 'Invalid parameter: Endpoint');
    }
    await sns.call('Unsubscribe', { SubscriptionArn });
    return page(
      'Unsubscribed',
      html`<p>${Endpoint} no longer receives the messages of ${Attributes.TopicArn}.</p>`,
    );
  });
}

async function answer(make: () => Promise<string>): Promise<Page> {
  try {
    return { status: 200, body: await make() };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { status: error.status, body: page('This link does not work', html`<p>${error.message}</p>`) };
  }
}

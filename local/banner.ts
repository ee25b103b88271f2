import type { Cloud } from './cloud.ts';

/** What the person at the terminal reads when all is ready; each command can be pasted as it is. */
export function banner({ url, awsUrl, outputs }: Cloud, readyAfterMs: number): string {
  const webSocketUrl = outputs.WebSocketUrl ?? '';
  const post = {
    author: 'hunter s thompson',
    title: 'Title',
    body: 'Joe is going to Spain',
    topic: 'summer',
  };
  const attributes: Record<string, string> = {
    FilterPolicy: '{"topic":["summer"]}',
    FilterPolicyScope: 'MessageBody',
  };
  const subscription = [
    'Action=Subscribe',
    `TopicArn=${outputs.TopicArn}`,
    'Protocol=email',
    'Endpoint=reader@example.com',
    ...Object.entries(attributes).flatMap(([name, value], index) => [
      `Attributes.entry.${index + 1}.key=${name}`,
      `Attributes.entry.${index + 1}.value=${value}`,
    ]),
  ];
  return `
  Web page       ${outputs.PageUrl}
  REST API       ${outputs.ApiUrl}
  WebSocket API  ${webSocketUrl}
  AWS endpoint   ${awsUrl}
  Inbox          ${url}/_local/inbox

  Listen:
    npx wscat -c ${webSocketUrl}
  Subscribe to a topic, then confirm in the inbox:
    curl -s ${awsUrl} --aws-sigv4 aws:amz:us-east-1:sns --user local:local ${subscription.map((pair) => `-d '${pair}'`).join(' ')}
  Post:
    curl -s -X POST ${outputs.ApiUrl}/posts -H 'content-type: application/json' -d '${JSON.stringify(post)}'

Ready in ${(readyAfterMs / 1000).toFixed(1)} s. Ctrl-C stops it.
`;
}

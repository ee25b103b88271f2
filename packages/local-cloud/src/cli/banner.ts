import { examplePost, exampleSubscription } from '../../../../contracts/examples.ts';
import type { Cloud } from '../cloud/cloud.ts';

/** What the person at the terminal reads when all is ready; each command can be pasted as it is. */
export function banner({ url, awsUrl, outputs }: Cloud, readyAfterMs: number): string {
  const send = (path: string, body: object) =>
    `curl -s -X POST ${outputs.ApiUrl}${path} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  return `
  Web page       ${outputs.PageUrl}
  Flow view      ${url}/_local/
  Inbox          ${url}/_local/inbox
  REST API       ${outputs.ApiUrl}
  WebSocket API  ${outputs.WebSocketUrl}
  AWS endpoint   ${awsUrl}

  Listen:
    npx wscat -c ${outputs.WebSocketUrl}
  Subscribe to a topic, then confirm in the inbox:
    ${send('/subscriptions', exampleSubscription)}
  Post:
    ${send('/posts', examplePost)}

Ready in ${(readyAfterMs / 1000).toFixed(1)} s. Ctrl-C stops it.
`;
}

import type { IncomingMessage, ServerResponse } from 'node:http';

/** Whether a request is for a document of the APIs, `/openapi.json` or `/asyncapi.json`. */
export function isForApiDocument({ method, url = '' }: IncomingMessage): boolean {
  return method === 'GET' && ['/openapi.json', '/asyncapi.json'].includes(url);
}

/**
 * Answers with a document of `docs/api`, as it follows from the schemas as they are now, with the servers of this machine.
 * A page of any origin may load it, such as an editor's. AWS has nothing like it: no API of the stack has these paths.
 */
export async function answerApiDocument(
  { url }: IncomingMessage,
  response: ServerResponse,
  { outputs, awsUrl }: { outputs: Record<string, string>; awsUrl: string },
): Promise<void> {
  // Not on the way to ready.
  const [{ openApi }, { asyncApi }] = await Promise.all([
    import('../../../../contracts/openapi.ts'),
    import('../../../../contracts/asyncapi.ts'),
  ]);
  const aws = { host: new URL(awsUrl).host, description: 'The AWS endpoint of the local cloud' };
  const webSocket = { host: new URL(outputs.WebSocketUrl ?? '').host, description: 'The local cloud' };
  const document =
    url === '/openapi.json'
      ? { ...openApi, servers: [{ url: outputs.ApiUrl, description: 'The local cloud' }] }
      : {
          ...asyncApi,
          servers: {
            webSocketApi: { ...webSocket, protocol: 'ws' },
            eventBridge: { ...aws, protocol: 'eventbridge' },
            sns: { ...aws, protocol: 'sns' },
          },
        };
  response.writeHead(200, { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' });
  response.end(`${JSON.stringify(document, undefined, 2)}\n`);
}

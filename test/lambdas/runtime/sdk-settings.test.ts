import { createServer } from 'node:http';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { sdkSettings } from '../../../lambdas/runtime/sdk-settings.ts';

test('times out if a service does not answer', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const client = new DynamoDBClient({
    ...sdkSettings,
    maxAttempts: 1,
    endpoint: `http://127.0.0.1:${address.port}`,
  });
  try {
    await expect(client.send(new ListTablesCommand({}))).rejects.toThrow(/exceeded the configured 2000 ms/);
  } finally {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

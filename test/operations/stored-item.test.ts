import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localStackOf } from '../../operations/stack.ts';
import { readItem } from '../../operations/stored-item.ts';

it("reads an item, and the time by the table's clock instead of the operator's", async () => {
  const table = createServer((_, response) => {
    response.setHeader('Date', 'Sat, 31 Jan 2026 10:00:00 GMT');
    response.end('{"Item":{"id":{"S":"1"}}}');
  });
  await once(table.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = table.address() as AddressInfo;
    const stack = localStackOf({
      ApiUrl: 'http://localhost:3000',
      PostsTableName: 'posts',
      PublishPostUpdatesFunctionName: 'publish',
      RecognizeEntitiesFunctionName: 'recognize',
      RelayAnnouncementsFunctionName: 'relay',
      QueueUrl: `http://127.0.0.1:${port}/000000000000/queue`,
    });
    expect(await readItem(stack, '1')).toEqual({
      item: { id: '1' },
      time: new Date('2026-01-31T10:00:00.000Z'),
    });
  } finally {
    table.close();
    table.closeAllConnections();
  }
});

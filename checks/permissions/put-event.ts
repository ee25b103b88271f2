import type { VirtualCloud } from '../../testing/virtual-cloud.ts';

const HOUR = 60 * 60_000;

/** Puts an event that is an hour old on the WebSocket bus. */
export async function putEvent(cloud: VirtualCloud, detailType: string, detail: object): Promise<void> {
  await cloud.events('PutEvents', {
    Entries: [
      {
        EventBusName: cloud.outputs.WebSocketBusName,
        Source: 'blog',
        DetailType: detailType,
        Detail: JSON.stringify(detail),
        Time: Math.floor((cloud.clock.now() - HOUR) / 1000),
      },
    ],
  });
}

import { once } from 'node:events';
import WebSocket from 'ws';
import { eventually } from '../../fixtures/eventually.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { ServedApi } from './served-api.ts';

const folder = temporaryFolder();
let local: ServedApi;
beforeAll(async () => {
  local = await ServedApi.listen(folder);
});
beforeEach(() => local.open());
afterEach(() => local.end());
afterAll(() => local.close());

it('closes with 1003 on a binary frame, without invoking the handler', async () => {
  const { socket, id } = await local.connect();
  socket.send(Buffer.from('binary'));
  const [code] = await once(socket, 'close');
  expect(code).toBe(1003);
  await local.disconnectOf(id);
  expect(local.handler.events.some(({ body }) => body === 'binary')).toBe(false);
});

const KB = 1024;
it.each([
  ['of 32 KB', 32 * KB, 4, undefined],
  ['over 32 KB', 32 * KB + 1, 1, 1009],
  ['of 32 KB, of a message over 128 KB', 32 * KB, 5, 1009],
  ['of a byte, of a message in more than 4,096 frames', 1, 4_097, 1008],
])('accepts a frame %s, or closes', async (_name, size, frames, expected) => {
  const { socket, messages, id } = await local.connect();
  const closed = once(socket, 'close');
  for (let frame = 1; frame <= frames; frame++) socket.send('a'.repeat(size), { fin: frame === frames });
  if (expected === undefined) {
    await eventually(() => expect(messages).toEqual([`$default ${'a'.repeat(frames * size)}`]));
  } else {
    expect((await closed)[0]).toBe(expected);
    await local.disconnectOf(id);
    expect(messages).toEqual([]);
  }
});

describe('a client that does not read', () => {
  const Data = 'a'.repeat(128 * KB);

  it('keeps a send waiting, until the connection is deleted', async () => {
    const { socket, id } = await local.connect();
    socket.pause();
    const { waiting } = await local.fill(id, Data);
    await local.management.deleteConnection({ ConnectionId: id });
    await expect(waiting).rejects.toMatchObject({ name: 'GoneException' });
    expect((await local.disconnectOf(id)).requestContext).toMatchObject({ disconnectStatusCode: 1000 });
  });

  it('loses its connection when too much waits for it', async () => {
    const { socket, id } = await local.connect();
    socket.pause();
    const sends = Array.from({ length: 100 }, () =>
      local.management.postToConnection({ ConnectionId: id, Data }).then(
        () => 'sent',
        ({ name }: Error) => name,
      ),
    );
    const results = await Promise.all(sends);
    expect(results.filter((result) => result === 'LimitExceededException')).toHaveLength(1);
    expect(results).toContain('GoneException');
    expect((await local.disconnectOf(id)).requestContext).toMatchObject({ disconnectStatusCode: 1006 });
  });

  it('loses its connection when too many answers to its ping frames wait for it', async () => {
    const { socket, id } = await local.connect();
    socket.pause();
    await eventually(() => {
      for (let ping = 0; ping < 1_000; ping++) socket.ping('a'.repeat(125));
      const [event] = local.handler.of('$disconnect');
      expect(event?.requestContext.connectionId).toBe(id);
    });
  });
});

describe('time', () => {
  const MINUTE = 60_000;
  const goingAway = { disconnectStatusCode: 1001, disconnectReason: 'Going away' };

  it('ends a connection after ten minutes without a message', async () => {
    const { socket, id } = await local.connect();
    const closed = once(socket, 'close');
    // A control frame does not count as a message.
    socket.ping();
    await once(socket, 'pong');
    local.clock.advance(10 * MINUTE - 1);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    local.clock.advance(1);
    const posted = local.management.postToConnection({ ConnectionId: id, Data: 'x' });
    await expect(posted).rejects.toMatchObject({ name: 'GoneException' });
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([1001, 'Going away']);
    expect((await local.disconnectOf(id)).requestContext).toMatchObject(goingAway);
  });

  it('starts again with a message in either direction, for at most two hours', async () => {
    const { socket, messages, id } = await local.connect();
    const closed = once(socket, 'close');
    for (let minute = 9; minute < 120; minute += 9) {
      local.clock.advance(9 * MINUTE);
      const sent = `minute ${minute}`;
      if (minute % 2) socket.send(sent);
      else await local.management.postToConnection({ ConnectionId: id, Data: sent });
      await eventually(() => expect(messages.at(-1)).toMatch(sent));
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
    local.clock.advance(3 * MINUTE);
    expect((await closed)[0]).toBe(1001);
    expect((await local.disconnectOf(id)).requestContext).toMatchObject(goingAway);
  });
});

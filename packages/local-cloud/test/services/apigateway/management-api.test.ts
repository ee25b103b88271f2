import { once } from 'node:events';
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

describe('@connections', () => {
  it('describes a connection', async () => {
    const { id } = await local.connect();
    expect(await local.management.getConnection({ ConnectionId: id })).toMatchObject({
      ConnectedAt: expect.any(Date),
      LastActiveAt: expect.any(Date),
      Identity: { SourceIp: '127.0.0.1' },
    });
  });

  it('closes a connection', async () => {
    const { socket, id } = await local.connect();
    const closed = once(socket, 'close');
    await local.management.deleteConnection({ ConnectionId: id });
    await closed;
    await local.disconnectOf(id);
    await expect(local.management.deleteConnection({ ConnectionId: id })).rejects.toMatchObject({
      name: 'GoneException',
    });
  });

  it('refuses a message over 128 KB', async () => {
    const { messages, id } = await local.connect();
    await expect(
      local.management.postToConnection({ ConnectionId: id, Data: 'a'.repeat(128 * 1024 + 1) }),
    ).rejects.toMatchObject({ name: 'PayloadTooLargeException' });
    await local.management.postToConnection({ ConnectionId: id, Data: 'a'.repeat(128 * 1024) });
    await eventually(() => expect(messages.map(({ length }) => length)).toEqual([128 * 1024]));
  });

  const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/execute-api/aws4_request';
  it.each([
    ['an unsigned request', '/prod/@connections/abcdefghijklmno=', {}, 403],
    ['another stage', '/other/@connections/abcdefghijklmno=', { authorization }, 403],
    ['an unknown connection', '/prod/@connections/abcdefghijklmno=', { authorization }, 410],
    [
      'an unknown connection with an encoded id',
      '/prod/@connections/abcdefghijklmno%3D',
      { authorization },
      410,
    ],
    ['an id that is too short', '/prod/@connections/x', { authorization }, 400],
    ['an id of other characters', '/prod/@connections/abcdefghij.lmno=', { authorization }, 400],
    ['an id that is not encoded well', '/prod/@connections/%zz', { authorization }, 400],
  ])('refuses %s', async (_name, path, headers, status) => {
    const answer = await fetch(`http://127.0.0.1:${local.port}${path}`, { headers });
    expect(answer.status).toBe(status);
  });
});

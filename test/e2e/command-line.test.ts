import { createServer } from 'node:net';
import { examplePost } from '../../contracts/examples.ts';
import { LocalCloud } from '../../testing/local-cloud.ts';

it('stops on Ctrl-C with exit code 0, even while it processes a post', async () => {
  const cloud = await LocalCloud.start();
  await cloud.connect();
  await cloud.post(examplePost);
  expect(await cloud.stop('SIGINT')).toBe(0);
});

it('exits with 1 and a message of one line if the port is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? `${address?.port}` : '';
  await expect(LocalCloud.start(['--port', port])).rejects.toThrow(
    new RegExp(`^The local cloud exited with 1:\nPort ${port} is in use\\.[^\n]*\n$`),
  );
  server.close();
});

it.each([
  ['--port', 'x'],
  ['--smtp', 'http://localhost'],
  ['-c', 'restRate'],
  ['--dance', '1'],
])('exits with 1 and a message of one line for the invalid option %s %s', async (option, value) => {
  await expect(LocalCloud.start([option, value])).rejects.toThrow(
    /^The local cloud exited with 1:\n[^\n]+\n$/,
  );
});

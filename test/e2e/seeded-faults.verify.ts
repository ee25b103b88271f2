import { Fault } from 'local-cloud/faults';
import { RecordedLog } from 'local-cloud/fixtures/recorded-log';
import { examplePost } from '../../contracts/examples.ts';
import { synthesizedAssembly } from '../../testing/assembly.ts';
import { unthrottled } from '../../testing/unthrottled.ts';
import { VirtualCloud } from '../../testing/virtual-cloud.ts';

it('strikes the same calls of the same posts with the same seed, in any order of the posts', async () => {
  const assembly = await synthesizedAssembly(unthrottled);
  const strikes = async (titles: string[], seed: string) => {
    const log = new RecordedLog();
    const cloud = await VirtualCloud.start(assembly, log, { seed });
    for (const fault of [
      { function: 'recognize-entities', fault: 'error' },
      { service: 'sns', operation: 'Publish', fault: 'throttle' },
      { service: 'dynamodb', operation: 'GetRecords', fault: 'error' },
      { function: 'publish-post-updates', fault: 'error' },
      { function: 'publish-post-updates', service: 'events', fault: 'drop' },
      { function: 'push-post-update', service: 'dynamodb', fault: 'drop' },
      // No throttle, because the number of the SDK's retries within the two seconds of a send would
      // then be random.
      { service: 'execute-api', operation: 'PostToConnection', fault: 'error' },
    ])
      cloud.faults.add(Fault.parse({ ...fault, probability: 0.2 }));
    for (let client = 0; client < 3; client++) await cloud.connect();
    await Promise.all(titles.map((title) => cloud.post({ ...examplePost, title })));
    // API Gateway closes the idle connections after ten minutes.
    await cloud.pass(540_000);
    await cloud.stop();
    return log.warnings.filter((line) => line.startsWith('fault: ')).sort();
  };
  const titles = Array.from({ length: 6 }, (_, index) => `Title ${index}`);
  const first = await strikes(titles, 'one');
  expect(first.length).toBeGreaterThan(6);
  expect(await strikes(titles.toReversed(), 'one')).toEqual(first);
  expect(await strikes(titles, 'two')).not.toEqual(first);
});

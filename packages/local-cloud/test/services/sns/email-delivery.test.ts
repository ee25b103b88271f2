import { join } from 'node:path';
import { Fault } from '../../../src/core/faults.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { type LocalSns, openSns, TopicArn } from './open-sns.ts';

const root = temporaryFolder();
let runs = 0;
let local: LocalSns;
beforeEach(async () => {
  local = await openSns(join(root, String(runs++)));
});

describe('a fault at the delivery of mail', () => {
  const hop = 'posts → email';
  const cause = { trace: '0123456789abcdef01234567' };
  const settled = async (isDone: () => boolean) => {
    while (!isDone()) {
      local.clock.jump();
      await new Promise(setImmediate);
    }
  };

  test('delays the mail, counted per cause, but not the answer to the publisher', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    local.faults.add(Fault.parse({ hop, fault: 'error', times: 3 }));
    const begin = local.clock.now();
    await local.sns.call('Publish', { TopicArn, Message: 'x' }, cause);
    expect(local.notifications()).toEqual([]);
    await settled(() => local.notifications().length > 0);
    expect(local.clock.now() - begin).toBe(30_000);
    await local.sns.call('Publish', { TopicArn, Message: 'y' }, cause);
    expect(local.notifications()).toHaveLength(2);
  });

  test('that persists loses the mail after 50 retries in over six hours', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    local.faults.add(Fault.parse({ service: 'sns', operation: 'Deliver', fault: 'drop' }));
    const begin = local.clock.now();
    await local.publish('x');
    await settled(() => local.log.errors.length > 0);
    expect(local.log.errors).toEqual([expect.stringContaining(`${hop}: LOST an e-mail to joe@example.com`)]);
    expect(local.log.warnings.filter((line) => line.includes('retry in'))).toHaveLength(50);
    expect(local.clock.now() - begin).toBeGreaterThan(6 * 3600_000);
    expect(local.clock.now() - begin).toBeLessThan(8 * 3600_000);
    expect(local.notifications()).toEqual([]);
  });

  test('is not counted anew after a restart, and the mail is sent at its time', async () => {
    await local.subscribeAndConfirm('joe@example.com');
    local.faults.add(Fault.parse({ hop, fault: 'error' }));
    await local.sns.call('Publish', { TopicArn, Message: 'x' }, cause);
    await settled(() => local.log.warnings.some((line) => line.includes('retry in 600 s')));
    const retries = local.log.warnings.filter((line) => line.includes('retry in')).length;
    local.journal.close();
    const restarted = await openSns(join(root, String(runs - 1)), local.clock);
    restarted.faults.add(Fault.parse({ hop, fault: 'error', times: 50 - retries }));
    restarted.sns.resume();
    local.clock.advance(599_999);
    await new Promise(setImmediate);
    expect(restarted.log.warnings.filter((line) => line.includes('retry in'))).toEqual([]);
    await settled(() => restarted.notifications().length > 0);
    expect(restarted.log.warnings.filter((line) => line.includes('retry in'))).toHaveLength(50 - retries);
  });
});

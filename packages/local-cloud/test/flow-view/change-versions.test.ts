import { afterChanges, afterConnecting, notConnected, versionOf } from '../../flow-view/change-versions.ts';

it('has no version before the first connection', () => {
  expect(versionOf(notConnected, 'faults')).toBeUndefined();
});

it('has another version after each change of a name, and of everything after an interruption', () => {
  const connected = afterConnecting(notConnected);
  const changed = afterChanges(connected, ['faults']);
  expect(versionOf(changed, 'faults')).not.toBe(versionOf(connected, 'faults'));
  expect(versionOf(changed, 'emails')).toBe(versionOf(connected, 'emails'));
  const again = afterConnecting(changed);
  const versions = [connected, changed, again, afterChanges(again, ['faults'])].map((state) =>
    versionOf(state, 'faults'),
  );
  expect(new Set(versions).size).toBe(4);
});

it('counts the changes of a bounded number of names', () => {
  const ids = Array.from({ length: 6_000 }, (_, index) => `trace ${index}`);
  const full = afterChanges(afterConnecting(notConnected), ids);
  const next = afterChanges(full, ['faults']);
  expect(next.counts.size).toBeLessThan(2);
  expect(versionOf(next, 'faults')).not.toBe(versionOf(full, 'faults'));
});

import { waitingBehind } from '../../flow-view/dead-letters.ts';

it('counts the messages of a queue once, however many hops lead to it', () => {
  const waiting = new Map([
    ['failures', 2],
    ['other', 1],
  ]);
  const hops = [{ to: 'failures' }, { to: 'failures' }, { to: 'other' }, { to: 'table' }];
  expect(waitingBehind(hops, waiting)).toBe(3);
});

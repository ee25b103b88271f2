import { reasonOf, waitingBehind } from '../../flow-view/dead-letters.ts';

it('counts the messages of a queue once, however many hops lead to it', () => {
  const waiting = new Map([
    ['failures', 2],
    ['other', 1],
  ]);
  const hops = [{ to: 'failures' }, { to: 'failures' }, { to: 'other' }, { to: 'table' }];
  expect(waitingBehind(hops, waiting)).toBe(3);
});

it('says the reason with the stack of the function, and without ARNs', () => {
  const responsePayload = { errorType: 'Error', errorMessage: 'broken', trace: ['Error: broken', '  at a'] };
  const attributes = { ERROR_CODE: { StringValue: 'X' }, RULE_ARN: { StringValue: 'arn' } };
  expect(reasonOf({ attributes, body: JSON.stringify({ responsePayload }) })).toBe(
    'ERROR_CODE: X\nError: broken\n  at a',
  );
  expect(reasonOf({ attributes: {}, body: 'text' })).toBe('');
  const refused = { responsePayload: { errorType: 'Error' } };
  expect(reasonOf({ attributes: {}, body: JSON.stringify(refused) })).toContain('"errorType": "Error"');
});

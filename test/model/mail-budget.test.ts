import { readSettings } from '../../bin/settings.ts';
import { mailPause, mailsPerMinute, mailsPerSecond } from '../../model/mail-budget.ts';

/** SNS suspends an e-mail subscription that receives more messages in a second. */
const limit = 10;

const { postRate, postBurst } = readSettings(() => undefined);
/** The posts that the relay mails, and the redrive, in any one second. */
const paced = 1000 / mailPause;

it('gives new posts, the relay and the redrive together no more than the budget', () => {
  expect(mailsPerSecond).toBeLessThan(limit);
  // A token bucket lets its burst and its rate through in one second.
  expect(postRate + postBurst + paced + paced).toBeLessThanOrEqual(mailsPerSecond);
  expect(postBurst + 60 * (postRate + paced + paced)).toBe(mailsPerMinute);
});

it('leaves authors three posts a second, in bursts of three', () => {
  expect({ postRate, postBurst }).toEqual({ postRate: 3, postBurst: 3 });
});

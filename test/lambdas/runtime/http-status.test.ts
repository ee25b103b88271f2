import { GoneException } from '@aws-sdk/client-apigatewaymanagementapi';
import { httpStatus } from '../../../lambdas/runtime/http-status.ts';

test.each([
  [
    'an error of a known type',
    new GoneException({ message: 'gone', $metadata: { httpStatusCode: 410 } }),
    410,
  ],
  ['an error without a type', Object.assign(new Error('x'), { $metadata: { httpStatusCode: 410 } }), 410],
  [
    'an error without an answer',
    Object.assign(new Error('time-out'), { $metadata: { attempts: 3 } }),
    undefined,
  ],
  ['another error', new Error('x'), undefined],
  ['nothing', undefined, undefined],
])('returns the status of %s', (_, error, status) => {
  expect(httpStatus(error)).toBe(status);
});

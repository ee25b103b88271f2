import { deadLetterOf, functionError } from '../../operations/dead-letter.ts';

const message = (body: object) => ({
  id: '1',
  handle: '1',
  body: JSON.stringify(body),
  attributes: {},
  sentAt: 0,
});

it.each([undefined, 2, 1.5, 1e30])(
  'recognizes a parked update whose post has the revision %p',
  (revision) => {
    const update = { postId: 'a', revision, reason: 'The stored post is invalid at /title.' };
    expect(deadLetterOf(message(update))).toMatchObject({ kind: 'update', cause: update.reason });
  },
);

it('does not recognize a message of another form', () => {
  expect(deadLetterOf(message({ postId: 'a' }))).toMatchObject({ kind: 'unknown' });
});

it('shows the error of a function in one line, without its stack', () => {
  const payload = { errorType: 'InvalidData', errorMessage: 'The event is invalid.\nMore', trace: ['at'] };
  expect(functionError(payload)).toBe('InvalidData: The event is invalid.');
  expect(functionError(null)).toBe('');
});

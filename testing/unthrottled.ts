/**
 * The options of `npm start` that raise the throttles of the stack and the quota of Comprehend
 * above the load of the tests.
 */
export const UNTHROTTLED = [
  ...['restRate', 'restBurst', 'webSocketRate'].flatMap((name) => ['-c', `${name}=100000`]),
  ...['--comprehend-rate', '100000'],
];

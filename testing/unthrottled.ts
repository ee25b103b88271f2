/** Options of `npm start` without which the throttles of the stack and the quota of Comprehend would be what is measured. */
export const UNTHROTTLED = [
  ...['restRate', 'restBurst', 'webSocketRate'].flatMap((name) => ['-c', `${name}=100000`]),
  ...['--comprehend-rate', '100000'],
];

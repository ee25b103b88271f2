const names = ['restRate', 'restBurst', 'webSocketRate'];

/** The settings of the stack that raise its throttles above the load of the tests. */
export const unthrottled = Object.fromEntries(names.map((name) => [name, '100000']));

/** The options of `npm start` that raise these throttles, and the quota of Comprehend. */
export const UNTHROTTLED = [
  ...Object.entries(unthrottled).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ...['--comprehend-rate', '100000'],
];

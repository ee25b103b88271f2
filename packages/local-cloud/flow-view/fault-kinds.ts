/** The faults that the form can switch on, each with its effect in words. */
export const FAULT_KINDS = {
  error: 'The work is not done. The caller receives the error InternalFailure with the status 500.',
  throttle: 'The work is not done. The caller receives the throttling error of the service.',
  delay: 'The work is done later, and the caller waits for it.',
  drop:
    'The connection ends without a response, and the work is not done. ' +
    'The caller cannot know that, and usually retries.',
  crash:
    'The worker ends before the work is done: at a call, the one of the calling function; ' +
    'at a run, the one of the function itself. Nothing that it had in memory is left.',
  duplicate: 'The work is done twice, as services that deliver at least once may do.',
  late: 'The caller receives no response and gives up. The work is done nevertheless, later.',
  reorder: 'The first trace waits until another one has passed, for at most 10 seconds.',
} as const;
export type FaultKind = keyof typeof FAULT_KINDS;

/** Returns whether a fault of this kind takes a number of milliseconds. */
export function takesTime(kind: FaultKind): boolean {
  return kind === 'delay' || kind === 'late';
}

// Replaces the machine's time with the services' time for everything that a handler waits for,
// including the timeouts and back-offs of the SDK, whose jitter it removes. For a clock that stands
// still while anything runs and then jumps. Loaded before the handler.
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';

const machine = { setTimeout, clearTimeout, setImmediate };

/** After that many turns of the event loop without a file read, only calls can be pending. */
const QUIET_TURNS = 3;

/** A timer of Node.js, with the methods that handlers use. */
class Timer {
  /** @param {number} due @param {() => void} task */
  constructor(due, task) {
    this.due = due;
    this.task = task;
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return true;
  }
  refresh() {
    return this;
  }
}

/**
 * @param {(due: number | undefined) => void} tell receives the time at which the first timer is
 * due, in milliseconds since the epoch, whenever it changes
 */
export function jumpingTime(tell) {
  let now = 0;
  /** @type {Set<Timer>} */
  const timers = new Set();
  /** @type {number | undefined} */
  let told;
  /** The pending calls, by the SDK's names. @type {Set<string>} */
  const calls = new Set();

  const first = () => {
    let due = Number.POSITIVE_INFINITY;
    for (const timer of timers) due = Math.min(due, timer.due);
    return Number.isFinite(due) ? due : undefined;
  };
  const update = () => {
    const due = first();
    if (due !== told) tell(due);
    told = due;
  };

  /** @param {(...args: unknown[]) => void} task @param {number} [ms] @param {unknown[]} args */
  function schedule(task, ms = 0, ...args) {
    if (!(ms > 0)) return machine.setTimeout(task, 0, ...args);
    // Whole milliseconds as in Node.js, at least one: a loop of shorter waits would never end.
    const timer = new Timer(now + Math.ceil(ms), () => task(...args));
    timers.add(timer);
    update();
    return timer;
  }
  /** @param {Timer | NodeJS.Timeout | undefined} timer */
  function cancel(timer) {
    if (!(timer instanceof Timer)) return machine.clearTimeout(timer);
    if (timers.delete(timer)) update();
  }

  Object.assign(globalThis, { setTimeout: schedule, clearTimeout: cancel });
  // Every back-off is the middle one, so that it is the same in every run.
  Math.random = () => 0.5;
  Object.assign(timersPromises, {
    /** @param {number} ms @param {unknown} value */
    setTimeout: (ms, value) => new Promise((resolve) => schedule(resolve, ms, value)),
  });
  Object.assign(AbortSignal, {
    /** @param {number} ms */
    timeout(ms) {
      const controller = new AbortController();
      const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      schedule(() => controller.abort(reason), ms);
      return controller.signal;
    },
  });
  for (const protocol of [http, https]) {
    const { request } = protocol;
    Object.assign(protocol, {
      /**
       * @param {http.RequestOptions} options @param {(response: http.IncomingMessage) => void}
       * [done]
       */
      request(options, done) {
        const call = request(options, done);
        const name = `${call.getHeader('amz-sdk-invocation-id')} ${call.getHeader('amz-sdk-request')}`;
        calls.add(name);
        return call.once('close', () => calls.delete(name));
      },
    });
  }
  syncBuiltinESMExports();

  return {
    now: () => now,
    /** Sets the time, and runs the timers that are due in order. @param {number} time */
    moveTo(time) {
      now = Math.max(now, time);
      const due = [...timers].filter((timer) => timer.due <= now).sort((a, b) => a.due - b.due);
      for (const timer of due) if (timers.delete(timer)) timer.task();
      update();
    },
    /**
     * Resolves once only calls are pending: to these calls, and the time at which the first timer
     * is due.
     */
    async state() {
      for (let turn = 0; turn < QUIET_TURNS; turn++) {
        await new Promise((resolve) => machine.setImmediate(resolve));
        if (process.getActiveResourcesInfo().some((resource) => /Req/.test(resource))) turn = 0;
      }
      return { calls: [...calls], due: first() };
    },
  };
}

import type { ServerResponse } from 'node:http';

/** How long a browser waits before it connects again. */
const RECONNECT_MS = 1_000;

/** A response that sends server-sent events until the client disconnects. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    response.write(`retry: ${RECONNECT_MS}\n\n`);
    response.on('close', () => {
      for (const timer of this.#timers.values()) clearTimeout(timer);
    });
  }

  /**
   * Sends an event in `ms` milliseconds, or when a slow client has read the earlier ones. Calls
   * until then add nothing.
   * @param name distinguishes the events that are gathered
   * @param data returns the data of the event
   */
  gather(name: string, ms: number, data: () => object): void {
    if (this.#timers.has(name)) return;
    const send = (): void => {
      if (this.#response.writableNeedDrain) {
        this.#timers.set(name, setTimeout(send, ms));
        return;
      }
      this.#timers.delete(name);
      this.#response.write(`event: ${name}\ndata: ${JSON.stringify(data())}\n\n`);
    };
    this.#timers.set(name, setTimeout(send, ms));
  }
}

import { EventEmitter } from 'node:events';
import http from 'node:http';

/** @typedef {import('./aws-call.ts').AwsResponse} AwsResponse */

/** The open connection of a request over the channel, as far as a user of the request sees it. */
export class ChannelSocket extends EventEmitter {
  connecting = false;
  destroyed = false;
  readable = true;
  writable = true;
  writableLength = 0;
  remoteAddress = '127.0.0.1';
  remoteFamily = 'IPv4';
  #request;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {{ destroy(error?: Error): void }} request */
  constructor(request) {
    super();
    this.#request = request;
  }

  /** @param {number} ms @param {() => void} [listener] */
  setTimeout(ms, listener) {
    clearTimeout(this.#timer);
    this.#timer = ms > 0 ? setTimeout(() => this.emit('timeout'), ms).unref() : undefined;
    if (listener) {
      if (ms > 0) this.once('timeout', listener);
      else this.off('timeout', listener);
    }
    return this;
  }

  /** @param {Error} [error] */
  destroy(error) {
    this.#request.destroy(error);
    return this;
  }

  /** Tells that the connection has ended. */
  close() {
    clearTimeout(this.#timer);
    this.destroyed = true;
    this.emit('close', false);
  }

  setKeepAlive() {
    return this;
  }
  setNoDelay() {
    return this;
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
}

/** The response to a request over the channel, which has arrived as a whole. */
export class ChannelResponse extends http.IncomingMessage {
  #body;
  #connection;

  /** @param {ChannelSocket} socket @param {AwsResponse} answer */
  constructor(socket, { status, headers, body }) {
    super(/** @type {import('node:net').Socket} */ (/** @type {unknown} */ (socket)));
    this.#body = body;
    this.#connection = socket;
    Object.assign(this, { httpVersionMajor: 1, httpVersionMinor: 1, httpVersion: '1.1' });
    this.statusCode = status;
    this.statusMessage = http.STATUS_CODES[status] ?? 'unknown';
    this.rawHeaders = Object.entries(headers).flat();
    this.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    socket.setTimeout(0);
  }

  /** @override */
  _read() {
    if (this.#body.length > 0) this.push(Buffer.from(this.#body));
    this.push(null);
  }

  /** @override @param {Error | null} error @param {(error?: Error | null) => void} done */
  _destroy(error, done) {
    if (!this.readableEnded) {
      this.aborted = true;
      this.emit('aborted');
      this.#connection.destroy(error ?? undefined);
    }
    // As for a response from a socket: without a listener, an error has no effect.
    done(this.listenerCount('error') > 0 ? error : undefined);
  }
}

Object.defineProperty(ChannelResponse.prototype, 'headersDistinct', {
  /** @this {ChannelResponse} */
  get() {
    return Object.fromEntries(Object.entries(this.headers).map(([name, value]) => [name, [value]]));
  },
});

import { AsyncResource } from 'node:async_hooks';
import http from 'node:http';
import { ChannelResponse, ChannelSocket } from './channel-response.mjs';

/** @typedef {import('./aws-call.ts').AwsCall} AwsCall */
/** @typedef {import('./aws-call.ts').AwsResponse} AwsResponse */
/** @typedef {(error?: Error | null) => void} Done */

/** The name of the channel among the connections of an agent. */
const CHANNEL = 'channel';

/**
 * A request over the channel of a worker. For its user it is the `http.ClientRequest` in whose place
 * it is, on a connection that is open already.
 */
export class ChannelRequest extends http.OutgoingMessage {
  /** @type {(string | Uint8Array)[]} */
  #chunks = [];
  #agent;
  #send;
  #end;
  /** Listeners run in the asynchronous context of the request, as on a socket. */
  #context = new AsyncResource('ChannelRequest');
  /** @type {ChannelSocket | undefined} */
  #socket;
  /** @type {ChannelResponse | undefined} */
  #response;
  #tellsTimeout = false;
  /** @type {Done[]} */
  #written = [];
  #isSent = false;
  /** Whether the request has a connection, or waits for one. */
  #isConnected = false;
  /** Why the request ends before it has a connection. @type {(() => void) | undefined} */
  #ending;

  /**
   * @param {http.RequestOptions & { agent: http.Agent }} options
   * @param {(call: AwsCall) => void} send
   * @param {() => void} end called when the request has ended
   */
  constructor({ agent, headers = {}, host, method = 'GET', path, port }, send, end) {
    super();
    this.#agent = agent;
    this.#send = send;
    this.#end = end;
    Object.assign(this, { agent, host, protocol: 'http:', reusedSocket: true });
    this.aborted = false;
    this.method = method;
    this.path = path ?? '/';
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) this.setHeader(name, value);
    if (!this.hasHeader('host')) this.setHeader('Host', `${host}:${port}`);
    process.nextTick(() => this.#connect());
  }

  /** @param {AwsResponse | undefined} answer absent if the connection ends without a response */
  receive(answer) {
    this.#context.runInAsyncScope(() => this.#receive(answer));
  }

  /**
   * @override @param {unknown} chunk @param {BufferEncoding | Done} [encoding] @param {Done} [done]
   */
  write(chunk, encoding, done = typeof encoding === 'function' ? encoding : undefined) {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))
      throw failure('The chunk must be a string or a Uint8Array.', 'ERR_INVALID_ARG_TYPE', TypeError);
    if (this.finished || this.destroyed) {
      const error = this.finished
        ? failure('write after end', 'ERR_STREAM_WRITE_AFTER_END')
        : failure('Cannot call write after a stream was destroyed', 'ERR_STREAM_DESTROYED');
      const emits = !this.destroyed;
      process.nextTick(() => {
        done?.(error);
        if (emits && !this.destroyed) this.emit('error', error);
      });
      return false;
    }
    const isText = typeof chunk !== 'string' || typeof encoding !== 'string' || /^utf-?8$/i.test(encoding);
    this.#chunks.push(isText ? chunk : Buffer.from(chunk, encoding));
    if (done) this.#written.push(done);
    return true;
  }

  /**
   * @override @param {unknown} [chunk] @param {BufferEncoding | Done} [encoding] @param {Done} [done]
   */
  end(chunk, encoding, done) {
    const finished = /** @type {Done | undefined} */ ([chunk, encoding, done].find(isFunction));
    if (this.finished) {
      if (!this.#isSent && finished) this.once('finish', finished);
      else finished?.(failure('Cannot call end after a stream was finished', 'ERR_STREAM_ALREADY_FINISHED'));
      return this;
    }
    if (!isFunction(chunk) && chunk !== undefined && chunk !== null && chunk !== '')
      this.write(chunk, encoding);
    if (finished) this.once('finish', finished);
    Object.assign(this, { finished: true });
    this.#sendIfComplete();
    return this;
  }

  /** @override @param {Error} [error] */
  destroy(error) {
    if (this.destroyed) return this;
    Object.assign(this, { destroyed: true });
    this.#response?.removeAllListeners('data').resume();
    const isSilent = this.#response || (this.aborted && !this.#socket);
    const end = () => this.#close(error ?? (isSilent ? undefined : hangUp()));
    if (this.#isConnected) process.nextTick(end);
    else this.#ending = end;
    return this;
  }

  abort() {
    if (this.aborted) return;
    this.aborted = true;
    process.nextTick(() => this.emit('abort'));
    this.destroy();
  }

  /** @override @param {number} ms @param {() => void} [listener] */
  setTimeout(ms, listener) {
    if (listener) this.once('timeout', listener);
    if (!this.#socket) return this.once('socket', () => this.setTimeout(ms));
    this.#socket.setTimeout(ms);
    if (!this.#tellsTimeout) this.#socket.on('timeout', () => this.emit('timeout'));
    this.#tellsTimeout = true;
    return this;
  }

  /** @override */
  flushHeaders() {}
  /** @override */
  cork() {}
  /** @override */
  uncork() {}
  setNoDelay() {}
  setSocketKeepAlive() {}

  /** Waits while the agent has as many connections as it may have. */
  #connect() {
    this.#isConnected = true;
    if (this.#ending) return this.#ending();
    const { maxSockets, requests, sockets } = this.#agent;
    if (ofChannel(sockets).length >= maxSockets) {
      add(requests, this);
      return;
    }
    const socket = new ChannelSocket(this);
    this.#socket = socket;
    add(sockets, socket);
    Object.assign(this, { socket, connection: socket });
    this.emit('socket', socket);
    this.#sendIfComplete();
  }

  #sendIfComplete() {
    if (!this.#socket || !this.finished || this.destroyed) return;
    // As for a request that is sent, `headersSent` is true and headers cannot change.
    Object.assign(this, { _header: this.path });
    const { method, path } = this;
    this.#send({ method, url: path, headers: headersOf(this), body: bodyOf(this.#chunks) });
    process.nextTick(() => {
      this.#isSent = true;
      for (const written of this.#written) written();
      this.emit('finish');
    });
  }

  /** @param {AwsResponse | undefined} answer */
  #receive(answer) {
    if (this.destroyed || !this.#socket) return;
    if (!answer) {
      Object.assign(this, { destroyed: true });
      this.#close(hangUp());
      return;
    }
    this.#response = new ChannelResponse(this.#socket, answer);
    Object.assign(this, { res: this.#response });
    Object.assign(this.#response, { req: this });
    this.#response.once('close', () => this.#close());
    if (!this.emit('response', this.#response)) this.#response.resume();
    this.#response.complete = true;
  }

  /** @param {Error} [error] */
  #close(error) {
    if (this.closed) return;
    Object.assign(this, { destroyed: true, _closed: true });
    this.#end();
    this.#disconnect();
    if (error) this.emit('error', error);
    this.emit('close');
  }

  /** Passes the place among the connections of the agent on. */
  #disconnect() {
    const { requests, sockets } = this.#agent;
    if (this.#socket) remove(sockets, this.#socket);
    else remove(requests, this);
    this.#socket?.close();
    /** @type {ChannelRequest | undefined} */
    const next = ofChannel(requests)[0];
    if (!next) return;
    remove(requests, next);
    next.#context.runInAsyncScope(() => next.#connect());
  }
}

// A user may check what a request is an instance of.
Object.setPrototypeOf(ChannelRequest.prototype, http.ClientRequest.prototype);

/**
 * Returns the members of the channel in `sockets` or `requests` of an agent, which the agent reports
 * and destroys with its others.
 * @template Member
 * @param {object} lists
 * @returns {readonly Member[]}
 */
function ofChannel(lists) {
  return CHANNEL in lists ? /** @type {{ [CHANNEL]: Member[] }} */ (lists)[CHANNEL] : [];
}

/** @param {object} lists @param {ChannelSocket | ChannelRequest} member */
function add(lists, member) {
  Object.assign(lists, { [CHANNEL]: [...ofChannel(lists), member] });
}

/**
 * Removes a member, and the list with its last one: an agent expects a request in each list of
 * `requests`.
 * @param {object} lists @param {ChannelSocket | ChannelRequest} member
 */
function remove(lists, member) {
  const left = ofChannel(lists).filter((other) => other !== member);
  if (left.length > 0) Object.assign(lists, { [CHANNEL]: left });
  else Reflect.deleteProperty(lists, CHANNEL);
}

/** @param {http.OutgoingMessage} request @returns {AwsCall['headers']} */
function headersOf(request) {
  const headers = request.getHeaders();
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** @param {(string | Uint8Array)[]} chunks */
function bodyOf(chunks) {
  const [first = '', ...more] = chunks;
  // UTF-8 has no half of a surrogate pair.
  if (typeof first === 'string' && more.length === 0) return first.toWellFormed();
  // A copy, since a message contains the whole buffer behind a part of it.
  return Uint8Array.from(Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))));
}

/** @param {unknown} value */
function isFunction(value) {
  return typeof value === 'function';
}

/** Returns the error of Node.js for a connection that ends without a response. */
function hangUp() {
  return failure('socket hang up', 'ECONNRESET');
}

/** @param {string} message @param {string} code @param {ErrorConstructor} [type] */
function failure(message, code, type = Error) {
  return Object.assign(new type(message), { code });
}

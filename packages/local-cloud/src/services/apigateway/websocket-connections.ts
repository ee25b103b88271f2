import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { Changes } from '../../core/changes.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { AwsError } from '../../core/service.ts';
import { limitFrames } from './frame-limit.ts';

/**
 * Source of the limits: API Gateway Developer Guide, "Quotas for configuring and running a
 * WebSocket API".
 */
const MAXIMUM_FRAME = 32 * 1024;
export const MAXIMUM_MESSAGE = 128 * 1024;
const MAXIMUM_LIFE = 2 * 60 * 60 * 1000;
const MAXIMUM_IDLE = 10 * 60 * 1000;

/**
 * The number of bytes that wait for a client to read them, beyond the megabytes that the operating
 * system buffers: the largest message and some small ones. AWS documents no such limit, only that a
 * full buffer refuses a message.
 */
export const MAXIMUM_BUFFER = MAXIMUM_MESSAGE + 32 * 1024;

/** Base64 of eleven bytes, in the alphabet for URLs. */
const CONNECTION_ID = /^[\w-]{15}=$/;

/** Close codes of RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;
/**
 * For binary frames. Source: API Gateway Developer Guide, "Binary media types for WebSocket APIs".
 */
const UNSUPPORTED_DATA = 1003;
const NO_STATUS = 1005;
/** The close code of a connection that ended without a close frame. */
export const ABNORMAL_CLOSURE = 1006;
const MESSAGE_TOO_BIG = 1009;

/** A client since its handshake. */
export interface Client {
  connectionId: string;
  connectedAt: number;
  /** The query parameters of the handshake. */
  query: Record<string, string>;
  domainName: string;
  identity: { sourceIp: string; userAgent: string | undefined };
}

export interface Connection extends Client {
  /** The number of clients that connected before. */
  ordinal: number;
  lastActiveAt: number;
  socket: WebSocket;
  /** Cancels the check of idle time and age. */
  callOff: () => void;
  /** How this side ended the connection. */
  ended?: Closure;
}

/** A close code and its reason. */
export interface Closure {
  code: number;
  reason: string;
}

/** Receives the events of connections. */
interface ConnectionListener {
  onMessage(connection: Connection, message: string): void;
  onClose(connection: Connection, closure: Closure): void;
}

/** The open connections of a WebSocket API, within API Gateway's limits. */
export class WebSocketConnections {
  /** Reports when a connection is opened or gone. */
  readonly changes = new Changes();
  readonly #connections = new Map<string, Connection>();
  readonly #services: { clock: Clock; log: Log };
  readonly #listener: ConnectionListener;
  #connected = 0;

  constructor(services: { clock: Clock; log: Log }, listener: ConnectionListener) {
    this.#services = services;
    this.#listener = listener;
  }

  get list(): Pick<Client, 'connectionId' | 'connectedAt' | 'query'>[] {
    return [...this.#connections.values()].map(({ connectionId, connectedAt, query }) => ({
      connectionId,
      connectedAt,
      query,
    }));
  }

  /**
   * Returns the position of a connection in the order of the handshakes; `undefined` if the
   * connection is gone.
   */
  ordinal(id: string): number | undefined {
    return this.#connections.get(id)?.ordinal;
  }

  /** @param rawSocket the socket below `socket` */
  open(client: Client, socket: WebSocket, rawSocket: Duplex): void {
    const connection: Connection = {
      ...client,
      ordinal: this.#connected++,
      lastActiveAt: this.#services.clock.now(),
      socket,
      callOff: () => {},
    };
    const { connectionId } = client;
    this.#connections.set(connectionId, connection);
    this.changes.report();
    this.#watch(connection);
    limitFrames(rawSocket, MAXIMUM_FRAME, () =>
      this.end(connection, { code: MESSAGE_TOO_BIG, reason: 'Message too long' }),
    );
    // ws closes the connection itself, with the right code, if a message is malformed or too long.
    socket.on('error', (error) => this.#services.log.trace(`WebSocket ${connectionId}`, error.message));
    socket.on('message', (data, isBinary) => {
      if (connection.ended) return;
      if (isBinary)
        this.end(connection, { code: UNSUPPORTED_DATA, reason: 'Binary frames are not supported' });
      else {
        connection.lastActiveAt = this.#services.clock.now();
        this.#listener.onMessage(connection, data.toString());
      }
    });
    // ws answers a ping frame by itself.
    socket.on('ping', () => this.#bound(connection));
    socket.on('close', (code, reason) => {
      this.#connections.delete(connectionId);
      this.changes.report();
      connection.callOff();
      const unset = code === NO_STATUS ? 'Client-side close frame status not set' : '';
      this.#listener.onClose(connection, connection.ended ?? { code, reason: unset || reason.toString() });
    });
  }

  /**
   * Sends a message. Calls `done` when the operating system has taken it, which may be never if the
   * client does not read. Ends the connection if too much waits for the client.
   * @returns whether the connection still exists
   */
  send(connection: Connection, message: string | Buffer, done?: (error?: Error) => void): boolean {
    connection.lastActiveAt = this.#services.clock.now();
    connection.socket.send(message, { binary: false }, done);
    return this.#bound(connection);
  }

  /** Ends a connection whose client has left too much unread. Returns whether it still exists. */
  #bound(connection: Connection): boolean {
    const { connectionId, socket } = connection;
    if (socket.bufferedAmount <= MAXIMUM_BUFFER) return !connection.ended;
    this.#services.log.warn(`WebSocket ${connectionId}`, 'closed, because the client does not read');
    this.end(connection, { code: ABNORMAL_CLOSURE, reason: '' });
    return false;
  }

  /**
   * Returns an open connection.
   * @throws {AwsError} `BadRequestException` (400) if this cannot be an ID, `GoneException` (410)
   * if the connection does not exist or is not open yet
   */
  find(id: string): Connection {
    if (!CONNECTION_ID.test(id)) throw new AwsError('BadRequestException', `Invalid connectionId: ${id}`);
    const connection = this.#connections.get(id);
    if (!connection) throw gone();
    return connection;
  }

  /**
   * Ends a connection from this side. The connection is gone immediately, whether the client
   * responds or not.
   */
  end(connection: Connection, closure: Closure): void {
    const { connectionId, socket } = connection;
    this.#connections.delete(connectionId);
    this.changes.report();
    connection.ended ??= closure;
    // A close frame would wait behind the messages that the client does not read.
    if (socket.bufferedAmount > 0) socket.terminate();
    else socket.close(closure.code, closure.reason);
  }

  /**
   * Closes every connection without notifying the listener, as if the machine were switched off.
   */
  close(): void {
    for (const { socket, callOff } of this.#connections.values()) {
      callOff();
      socket.removeAllListeners('close');
      socket.terminate();
    }
    this.#connections.clear();
  }

  /**
   * Ends a connection that is too old, or on which neither side has sent a message for too long.
   */
  #watch(connection: Connection): void {
    const { clock } = this.#services;
    const end = Math.min(connection.connectedAt + MAXIMUM_LIFE, connection.lastActiveAt + MAXIMUM_IDLE);
    const left = end - clock.now();
    if (left <= 0) this.end(connection, { code: GOING_AWAY, reason: 'Going away' });
    else connection.callOff = clock.schedule(() => this.#watch(connection), left);
  }
}

/** Returns API Gateway's error for a connection that has ended. */
export function gone(): AwsError {
  return new AwsError('GoneException', 'The connection is gone.', 410);
}

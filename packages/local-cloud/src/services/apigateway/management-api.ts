import { messageHop } from '../../core/hop.ts';
import type { Recorder } from '../../core/recorder.ts';
import { AwsError } from '../../core/service.ts';
import type { Cause } from '../../core/trace.ts';
import { gone, MAXIMUM_MESSAGE, type WebSocketConnections } from './websocket-connections.ts';

/** The close code of RFC 6455, section 7.4.1. */
const NORMAL_CLOSURE = 1000;

/**
 * Emulates the management API of a WebSocket API. Each call throws `GoneException` (410) if the
 * connection does not exist or is not open yet, and `BadRequestException` (400) for an invalid ID.
 * Source: API Gateway Developer Guide, "Use @connections commands in your backend service".
 */
export class ManagementApi {
  readonly #connections: WebSocketConnections;
  readonly #recorder: Recorder;

  constructor(connections: WebSocketConnections, recorder: Recorder) {
    this.#connections = connections;
    this.#recorder = recorder;
  }

  /** Returns the response to `GET @connections/{id}`. */
  getConnection(id: string): object {
    const { connectedAt, lastActiveAt, identity } = this.#connections.find(id);
    return {
      connectedAt: new Date(connectedAt).toISOString(),
      lastActiveAt: new Date(lastActiveAt).toISOString(),
      identity,
    };
  }

  /**
   * Sends a message to a connection, as `POST @connections/{id}` does. Waits while the client does
   * not read.
   * @param cause the cause of the call, if a function makes it
   * @throws {AwsError} `PayloadTooLargeException` (413), or `LimitExceededException` (429) if the
   * buffer of a client that does not read is full (API Gateway Management API reference,
   * `PostToConnection`); the connection is then closed
   */
  async postToConnection(id: string, data: Buffer, cause?: Cause): Promise<void> {
    if (data.length > MAXIMUM_MESSAGE)
      throw new AwsError('PayloadTooLargeException', 'Message too long', 413);
    const connection = this.#connections.find(id);
    await new Promise<void>((resolve, reject) => {
      const isOpen = this.#connections.send(connection, data, (error) => {
        // Node.js reports no error for a write in progress when this side destroys the socket.
        if (error || connection.ended) reject(gone());
        else resolve();
      });
      if (!isOpen) reject(new AwsError('LimitExceededException', 'The buffer of the client is full.', 429));
    });
    if (cause)
      this.#recorder.note(
        { kind: 'message', hop: messageHop, to: 'client', payload: data.toString('utf8') },
        cause,
      );
  }

  /** Closes a connection, as `DELETE @connections/{id}` does. */
  deleteConnection(id: string): void {
    this.#connections.end(this.#connections.find(id), { code: NORMAL_CLOSURE, reason: '' });
  }
}

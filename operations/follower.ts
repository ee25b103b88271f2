import { once } from 'node:events';
import WebSocket from 'ws';
import { ServerMessage } from '../model/messages.ts';

/** A client of the WebSocket API that follows a topic, and keeps what it receives. */
export class Follower {
  readonly messages: ServerMessage[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message = ServerMessage.safeParse(JSON.parse(data.toString()));
      if (message.success) this.messages.push(message.data);
    });
    // Ends the connection, so that the message that is waited for does not arrive.
    socket.on('error', () => {});
  }

  /** @throws {Error} if the connection is refused or does not open in time */
  static async connect(url: string, topic: string, ms: number): Promise<Follower> {
    const query = new URLSearchParams({ topic });
    const socket = new WebSocket(`${url.replace(/\/$/, '')}/?${query}`, { handshakeTimeout: ms });
    await once(socket, 'open');
    return new Follower(socket);
  }

  close(): void {
    this.#socket.close();
  }
}

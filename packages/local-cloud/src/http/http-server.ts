import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConnectionDropped } from '../core/faults.ts';
import { isForThisMachine } from './request-origin.ts';

/** A server cannot listen on a port. */
export class PortError extends Error {
  readonly port: number;

  constructor(port: number, code: string) {
    super(code === 'EADDRINUSE' ? `Port ${port} is in use.` : `Port ${port} cannot be used (${code}).`);
    this.port = port;
  }
}

/**
 * Returns a server that listens on a port.
 * @throws {PortError}
 */
export async function listen(port: number): Promise<Server> {
  // An idle connection stays open between two requests. A response has no timeout, since it takes
  // as long as the slowest integration.
  const server = createServer({ keepAliveTimeout: 65_000 });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new PortError(port, String(error.code));
    throw error;
  }
  return server;
}

export function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Refuses a request as JSON, with the reason as its `title`. */
export function refuse(response: ServerResponse, status: number, title: string): void {
  answerJson(response, status, { title });
}

/**
 * Answers the server's requests, except those for another host name. A handler that throws, or
 * drops the connection on purpose, ends the connection.
 */
export function serve(
  server: Server,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!isForThisMachine(request)) {
      const title = 'The host must be localhost, a name below it, 127.0.0.1 or [::1].';
      return answerJson(response, 403, { title });
    }
    handle(request, response).catch((error: unknown) => {
      // A client that disconnects early is not an error of the server.
      if (request.complete && !(error instanceof ConnectionDropped)) console.error(error);
      response.destroy();
    });
  });
}

/** Passes the requests to switch protocols on, except those for another host name. */
export function serveUpgrades(
  server: Server,
  handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Without a listener, a connection reset would end the process.
    socket.on('error', () => {});
    if (isForThisMachine(request)) handle(request, socket, head);
    else refuseUpgrade(socket, 403);
  });
}

/** Answers a request to switch protocols with an error. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}

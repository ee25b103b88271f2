import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionDropped } from '../core/faults.ts';

/** A port that is to be listened on is taken. */
export class PortInUseError extends Error {
  readonly port: number;

  constructor(port: number) {
    super(`Port ${port} is in use.`);
    this.port = port;
  }
}

/** @throws {PortInUseError} */
export async function listen(port: number): Promise<Server> {
  // A response may take as long as the slowest integration; a connection may rest between two requests.
  const server = createServer({ keepAliveTimeout: 65_000 });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
      throw new PortInUseError(port);
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

/**
 * Whether a request comes from a page of another origin, which a browser says. Only such a page can have a request made that
 * its user does not know of.
 */
export function isCrossOrigin({ headers: { origin }, socket }: IncomingMessage): boolean {
  if (origin === undefined) return false;
  const own = ['localhost', '127.0.0.1'].map((host) => `http://${host}:${socket.localPort}`);
  return !own.includes(origin);
}

/**
 * Whether a request is for this machine by a name that only itself gives it. A page of another site that lets its own name
 * lead here ("DNS rebinding") has the same origin as the answer, for the browser, and could read it.
 */
export function isForThisMachine({ headers: { host = '' } }: IncomingMessage): boolean {
  return /^(localhost|127\.0\.0\.1)(:\d+)?$/i.test(host);
}

/** Answers the server's requests; a handler that throws ends the connection, as one does that drops it on purpose. */
export function serve(
  server: Server,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) => {
      // A client that went away in the middle is no failure of ours.
      if (request.complete && !(error instanceof ConnectionDropped)) console.error(error);
      response.destroy();
    });
  });
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectionDropped } from '../core/faults.ts';

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

/**
 * Returns whether a request comes from a page of another origin, according to the browser. Only
 * such a page can send requests that its user does not know of.
 */
export function isCrossOrigin({ headers: { origin }, socket }: IncomingMessage): boolean {
  if (origin === undefined) return false;
  const own = ['localhost', '127.0.0.1'].map((host) => `http://${host}:${socket.localPort}`);
  return !own.includes(origin);
}

/**
 * Returns whether a request is for `localhost` or `127.0.0.1`. To a browser, a page of another site
 * whose name resolves to this machine ("DNS rebinding") has the same origin as the response, which
 * it could therefore read.
 */
export function isForThisMachine({ headers: { host = '' } }: IncomingMessage): boolean {
  return /^(localhost|127\.0\.0\.1)(:\d+)?$/i.test(host);
}

/**
 * Answers the server's requests. A handler that throws, or drops the connection on purpose, ends
 * the connection.
 */
export function serve(
  server: Server,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) => {
      // A client that disconnects early is not an error of the server.
      if (request.complete && !(error instanceof ConnectionDropped)) console.error(error);
      response.destroy();
    });
  });
}

import type { IncomingMessage } from 'node:http';

/** The part of a request that precedes its body. The names of headers are in lower case. */
export type RequestHead = Pick<IncomingMessage, 'headers' | 'method' | 'url'>;

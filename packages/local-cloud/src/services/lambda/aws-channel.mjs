// Carries the calls of the SDK from a worker to the AWS port over the worker's channel. A socket and
// two HTTP parsers take longer than the rest of a call. Everything else uses the network as before.
// Loaded before the handler.
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { ChannelRequest } from './channel-request.mjs';

/** @typedef {import('./aws-call.ts').AwsCall} AwsCall */
/** @typedef {import('./aws-call.ts').AwsResponse} AwsResponse */

/**
 * The options of the SDK's requests. A request with another option uses the network, since only a
 * socket has, for example, a local address.
 */
const SDK_OPTIONS = new Set(['agent', 'auth', 'headers', 'host', 'method', 'path', 'port']);
/** The methods of requests that have a body. */
const METHODS = new Set(['PATCH', 'POST', 'PUT']);
/** An HTTP server refuses 16 KB of headers. */
const MAXIMUM_HEAD = 8 * 1024;

/**
 * Carries the calls of `http.request` to an endpoint.
 * @param {string} url of the endpoint
 * @param {(id: number, call: AwsCall) => void} post
 * @returns {(id: number, response: AwsResponse | undefined) => void} receives the response to a
 * call; without one, the connection has ended
 */
export function carryCalls(url, post) {
  const { hostname, host, port } = new URL(url);
  /** @type {Map<number, ChannelRequest>} */
  const pending = new Map();
  let calls = 0;
  const { request } = http;

  Object.assign(http, {
    /** @param {Parameters<typeof request>} args */
    request(...args) {
      const [options, listener] = args;
      if (!isOfSdk(options, { hostname, host, port })) return request(...args);
      const id = ++calls;
      const send = (/** @type {AwsCall} */ call) => post(id, call);
      const carried = new ChannelRequest(options, send, () => pending.delete(id));
      pending.set(id, carried);
      return typeof listener === 'function' ? carried.once('response', listener) : carried;
    },
  });
  syncBuiltinESMExports();
  return (id, response) => pending.get(id)?.receive(response);
}

/**
 * @param {unknown} options @param {{ hostname: string, host: string, port: string }} endpoint
 * @returns {options is http.RequestOptions & { agent: http.Agent }}
 */
function isOfSdk(options, { hostname, host, port }) {
  if (typeof options !== 'object' || options === null || options instanceof URL) return false;
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !SDK_OPTIONS.has(name)) return false;
  /** @type {http.RequestOptions} */
  const { agent, auth, headers = [], method = 'GET', path, ...given } = options;
  if (given.host !== hostname || String(given.port) !== port) return false;
  if (!(agent instanceof http.Agent) || Object.getPrototypeOf(agent) !== http.Agent.prototype) return false;
  /** @type {http.Agent & { options?: http.AgentOptions }} */
  const { maxTotalSockets, options: settings } = agent;
  if (settings?.timeout || maxTotalSockets !== Number.POSITIVE_INFINITY) return false;
  if (auth || !METHODS.has(method) || !/^\/[!"$-~]*$/.test(path ?? '/')) return false;
  return isPlain(headers, path?.length ?? 1, host);
}

/**
 * Returns whether headers are signed and mean the same on every connection.
 * @param {http.OutgoingHttpHeaders | readonly string[]} headers
 * @param {number} size of the request so far, in characters
 * @param {string} host
 */
function isPlain(headers, size, host) {
  let length = size;
  let isSigned = false;
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' && typeof value !== 'number') return false;
    const text = String(value);
    length += name.length + text.length + 4;
    if (/^\s|\s$/.test(text)) return false;
    switch (name.toLowerCase()) {
      case 'authorization':
        isSigned = /^AWS4-HMAC-SHA256 Credential=[^/]+\//.test(text);
        break;
      case 'host':
        if (text !== host) return false;
        break;
      case 'connection':
      case 'expect':
      case 'te':
      case 'trailer':
      case 'transfer-encoding':
      case 'upgrade':
        return false;
    }
  }
  return isSigned && length < MAXIMUM_HEAD;
}

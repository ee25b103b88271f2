import type { IncomingMessage } from 'node:http';

/** The names that no DNS server can point to this machine instead of another site (RFC 6761). */
const THIS_MACHINE = /^(?:(?:[\w-]+\.)*localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/**
 * Returns whether a request is for `localhost`, a name below it, or a loopback address. To a
 * browser, a page of another site whose name resolves to this machine ("DNS rebinding") has the
 * same origin as the response, which it could therefore read. Browsers always send a `Host`; a
 * client that sends none is not one.
 */
export function isForThisMachine({ headers: { host } }: Pick<IncomingMessage, 'headers'>): boolean {
  return !host || THIS_MACHINE.test(host);
}

/**
 * Returns whether a request comes from a page of another origin, according to the browser. Only
 * such a page can send requests that its user does not know of. A browser sends no `Origin` if the
 * user follows a link, or if a page loads an image or a script; it marks the latter with
 * `Sec-Fetch-Site`.
 */
export function isCrossOrigin({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  if (headers.origin !== undefined) return headers.origin !== `http://${headers.host}`.toLowerCase();
  const site = headers['sec-fetch-site'];
  const isForeign = site === 'cross-site' || site === 'same-site';
  return isForeign && headers['sec-fetch-mode'] !== 'navigate';
}

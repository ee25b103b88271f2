import type { Duplex } from 'node:stream';

/** The maximum length of a frame's header, in bytes. */
const MAXIMUM_HEADER = 14;

/**
 * Calls `onExceeded` once the client announces a frame with a payload above `limit` bytes. The `ws`
 * library limits whole messages only. Source of the layout: RFC 6455, section 5.2.
 */
export function limitFrames(socket: Duplex, limit: number, onExceeded: () => void): void {
  /** The bytes of an incomplete header. */
  let header: Buffer = Buffer.alloc(0);
  /** The missing payload bytes of the current frame. */
  let pending = 0;
  const onData = (chunk: Buffer): void => {
    let rest = chunk;
    while (rest.length > 0) {
      const skipped = Math.min(pending, rest.length);
      pending -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length === 0) return;
      const bytes = Buffer.concat([header, rest.subarray(0, MAXIMUM_HEADER - header.length)]);
      const frame = readHeader(bytes);
      if (!frame) {
        header = bytes;
        return;
      }
      if (frame.payload > limit) {
        socket.off('data', onData);
        onExceeded();
        return;
      }
      rest = rest.subarray(frame.length - header.length);
      header = Buffer.alloc(0);
      pending = frame.payload;
    }
  };
  // Before ws's listener: the frame must be refused before ws delivers its message.
  socket.prependListener('data', onData);
}

/**
 * Returns the length of the header and of the payload that it announces; `undefined` while the
 * header is incomplete.
 */
function readHeader(bytes: Buffer): { length: number; payload: number } | undefined {
  const second = bytes[1];
  if (second === undefined) return undefined;
  const mask = second & 0x80 ? 4 : 0;
  const short = second & 0x7f;
  const extended = short === 127 ? 8 : short === 126 ? 2 : 0;
  const length = 2 + extended + mask;
  if (bytes.length < length) return undefined;
  if (extended === 8) return { length, payload: Number(bytes.readBigUInt64BE(2)) };
  return { length, payload: extended === 2 ? bytes.readUInt16BE(2) : short };
}

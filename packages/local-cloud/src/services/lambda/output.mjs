// Sends what a handler writes to stdout and stderr over the worker's channel. The streams that
// Node.js gives a worker cost several messages for each line.
import { StringDecoder } from 'node:string_decoder';

/** @typedef {import('./output-lines.ts').Output} Output */

/**
 * Sends each write immediately, so that nothing is lost if the worker is ended from outside.
 * @param {(output: Output) => void} send
 */
export function sendOutput(send) {
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    const decoder = new StringDecoder();
    Object.assign(process[name], {
      // Without it, Node.js passes the chunks one by one.
      _writev: null,
      /**
       * @param {string | Buffer} chunk
       * @param {BufferEncoding | 'buffer'} encoding
       * @param {() => void} done
       */
      _write(chunk, encoding, done) {
        const isText = typeof chunk === 'string' && (encoding === 'utf8' || encoding === 'utf-8');
        const bytes = () => (typeof chunk === 'string' ? Buffer.from(chunk, toEncoding(encoding)) : chunk);
        const text = isText ? chunk : decoder.write(bytes());
        send({ written: text, to: name });
        done();
      },
    });
  }
}

/** @param {BufferEncoding | 'buffer'} encoding */
function toEncoding(encoding) {
  return encoding === 'buffer' ? undefined : encoding;
}

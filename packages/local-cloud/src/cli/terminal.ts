import { styleText } from 'node:util';
import type { Log } from '../core/log.ts';

/**
 * Returns a log on stdout: one line per call, `time source message`. With `verbose`, it also prints
 * the payloads between the services.
 */
export function terminalLog(verbose: boolean): Log {
  const write = (style: Parameters<typeof styleText>[0], source: string, message: string): void => {
    const time = new Date().toTimeString().slice(0, 8);
    const line = plain(message);
    process.stdout.write(
      `${time}  ${plain(source).padEnd(20)}  ${process.stdout.isTTY ? styleText(style, line) : line}\n`,
    );
  };
  return {
    info: (source, message) => write('reset', source, message),
    warn: (source, message) => write('yellow', source, message),
    error: (source, message) => write('red', source, message),
    trace(hop, payload) {
      if (verbose) write('dim', hop, typeof payload === 'string' ? payload : JSON.stringify(payload));
    },
  };
}

/** Keeps a message on one line, whatever a post or a client contains. */
function plain(text: string): string {
  return text.replace(/\r?\n/g, '⏎').replace(/\p{Cc}/gu, '');
}

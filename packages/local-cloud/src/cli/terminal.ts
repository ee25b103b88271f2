import { styleText } from 'node:util';
import type { Log } from '../core/log.ts';

/** The log on stdout: a line a call, `time  source  message`. With `verbose` also what crosses between the parts. */
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

/** A line stays a line, whatever a post or a client says. */
function plain(text: string): string {
  return text.replace(/\r?\n/g, '⏎').replace(/\p{Cc}/gu, '');
}

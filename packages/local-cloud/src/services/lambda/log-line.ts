import * as z from 'zod/mini';
import { parseJson } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';

/** A line of the handlers' structured logs. Its other fields are printed after the message. */
const LogLine = z.looseObject({ level: z.string(), message: z.string() });

/**
 * The fields that a reader of the terminal does not need: those that every line of a function
 * repeats, and CloudWatch's metadata of metrics ("Specification: Embedded metric format").
 */
const omitted = [
  'level',
  'message',
  'timestamp',
  'sampling_rate',
  'service',
  'cold_start',
  'xray_trace_id',
  '_aws',
];

/** Prints a line that a handler wrote: `level`, the message, then the other fields as JSON. */
export function printLogLine(log: Log, label: string, line: string): void {
  const parsed = LogLine.safeParse(parseJson(line));
  if (!parsed.success) {
    log.info(label, line);
    return;
  }
  const { level, message } = parsed.data;
  const fields = Object.fromEntries(
    Object.entries(parsed.data).filter(([name]) => !omitted.includes(name) && !name.startsWith('function_')),
  );
  const text = Object.keys(fields).length > 0 ? `${message} ${JSON.stringify(fields)}` : message;
  if (level === 'ERROR' || level === 'CRITICAL') log.error(label, text);
  else if (level === 'WARN') log.warn(label, text);
  else log.info(label, text);
}

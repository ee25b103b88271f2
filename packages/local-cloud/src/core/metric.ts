import * as z from 'zod/mini';

/**
 * A metric from `GET /_local/metrics`, over the values of the run. The public port serves it to the
 * flow view; the page imports this module too, so it imports nothing of Node.js.
 */
export const Metric = z.object({
  namespace: z.string(),
  name: z.string(),
  unit: z.string(),
  dimensions: z.record(z.string(), z.string()),
  count: z.number(),
  sum: z.number(),
  minimum: z.number(),
  average: z.number(),
  maximum: z.number(),
  /** The percentiles are those of the newest 10,000 values. */
  p50: z.number(),
  p90: z.number(),
  p99: z.number(),
});
export type Metric = z.infer<typeof Metric>;

import * as z from 'zod/mini';
import { parseJson } from '../../core/json.ts';

const bitsAndBytes = ['Bits', 'Bytes'].flatMap((unit) =>
  ['', 'Kilo', 'Mega', 'Giga', 'Tera'].map((prefix) => (prefix ? `${prefix}${unit.toLowerCase()}` : unit)),
);
const units = [
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'Count', 'Count/Second', 'None'],
  ...bitsAndBytes,
  ...bitsAndBytes.map((unit) => `${unit}/Second`),
];

const text = (maximum: number) => z.string().check(z.minLength(1), z.maxLength(maximum));

/** What a directive refers to: the members of the document that are metrics and dimensions. */
const Directive = z.object({
  Namespace: text(1024),
  Dimensions: z.array(z.array(text(250)).check(z.maxLength(30))).check(z.minLength(1)),
  Metrics: z
    .array(
      z.object({
        Name: text(1024),
        Unit: z._default(z.enum(units), 'None'),
        StorageResolution: z.optional(z.int()),
      }),
    )
    .check(z.maxLength(100)),
});

/** Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format". */
const Document = z.looseObject({
  _aws: z.object({ Timestamp: z.int(), CloudWatchMetrics: z.array(Directive) }),
});

const Values = z.union([
  z.pipe(
    z.number(),
    z.transform((value) => [value]),
  ),
  z.array(z.number()).check(z.maxLength(100)),
]);
const DimensionValues = z.record(z.string(), z.string().check(z.maxLength(1024)));

const DAY = 24 * 3_600_000;

/** Values of one metric. */
export interface MeasuredValues {
  namespace: string;
  name: string;
  unit: string;
  dimensions: Record<string, string>;
  values: readonly number[];
}

/**
 * Returns the values in a line of a log that is in the embedded metric format, once for each set of
 * dimensions. Any other line has none, and neither has a line that violates the format, e.g. one
 * whose directive names a member that is missing or has another type. CloudWatch ignores such a
 * line too; AWS does not say whether it ignores all metrics of the line. A metric is at most two
 * weeks old and at most two hours in the future (API Reference, `PutMetricData`).
 * @param now in milliseconds since the epoch
 */
export function embeddedMetrics(line: string, now: number): MeasuredValues[] {
  // Most lines have no metrics, and need not be parsed.
  if (!line.includes('"_aws"')) return [];
  const { data: document } = Document.safeParse(parseJson(line));
  if (!document) return [];
  const { Timestamp, CloudWatchMetrics } = document._aws;
  if (Timestamp < now - 14 * DAY || Timestamp > now + DAY / 12) return [];
  const measured: MeasuredValues[] = [];
  for (const { Namespace: namespace, Dimensions, Metrics } of CloudWatchMetrics)
    for (const keys of Dimensions)
      for (const { Name: name, Unit: unit } of Metrics) {
        const dimensions = DimensionValues.safeParse(
          Object.fromEntries(keys.map((key) => [key, memberOf(document, key)])),
        );
        const values = Values.safeParse(memberOf(document, name));
        if (!dimensions.success || !values.success) return [];
        measured.push({ namespace, name, unit, dimensions: dimensions.data, values: values.data });
      }
  return measured;
}

/** Returns a member of the document's root: references are neither nested nor inherited. */
function memberOf(document: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

import * as z from 'zod/mini';
import { Metric } from '../src/core/metric.ts';
import { useFetched } from './fetched.ts';
import { metricText } from './metric-text.ts';

const Metrics = z.array(Metric);

/** Renders the metrics that the functions have written, in one line; nothing if there are none. */
export function MetricsStrip({ version }: { version: string | undefined }) {
  const { value: metrics = [] } = useFetched('/_local/metrics', Metrics, version);
  if (metrics.length === 0) return null;
  return (
    <section class="metrics" aria-label="Metrics">
      <dl>
        {metrics.map((metric) => {
          const { namespace, name, unit, dimensions } = metric;
          const identity = [namespace, ...Object.entries(dimensions).map((pair) => pair.join('=')), unit];
          return (
            <div key={`${identity} ${name}`} title={identity.join(', ')}>
              <dt>{name}</dt>
              <dd>{metricText(metric)}</dd>
            </div>
          );
        })}
      </dl>
      <a href="/_local/metrics">as JSON</a>
    </section>
  );
}

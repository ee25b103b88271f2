import { httpRequest, isFromClient } from '../src/core/hop.ts';
import type { ExampleRequest, TrafficReport } from '../src/core/steps.ts';
import { durationText } from './duration.ts';
import { trafficFigures } from './hop-traffic.ts';

const number = new Intl.NumberFormat('en');

/**
 * Renders the sums of the traffic in one line: the requests of the example, or of all clients
 * without one, and what is running and has failed on all hops.
 */
export function TrafficCaption({
  report,
  example,
}: {
  report: TrafficReport | undefined;
  example: ExampleRequest | undefined;
}) {
  if (!report) return null;
  const request = example && httpRequest(example.method, example.path);
  const begun = report.hops.filter(
    ({ hop }) => isFromClient(hop) && (request === undefined || hop.to === request),
  );
  const { running, failed } = trafficFigures(report.hops);
  return (
    <>
      {number.format(trafficFigures(begun).passed)} {request ?? 'requests'} in {durationText(report.window)}
      {running > 0 && <b class="running"> {number.format(running)} steps running</b>}
      {failed > 0 && <b class="failed"> {number.format(failed)} failed</b>}
    </>
  );
}

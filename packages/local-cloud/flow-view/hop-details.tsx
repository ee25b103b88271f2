import { hopName } from '../src/core/hop.ts';
import type { Step } from '../src/core/steps.ts';
import type { ActiveFault } from './active-faults.ts';
import type { Connection } from './architecture-layout.ts';
import { counted } from './counted.ts';
import { durationText } from './duration.ts';
import { FaultsPanel } from './faults-panel.tsx';
import { hopFigures, stepsByHop, stepsOn } from './hop-figures.ts';
import { Inspector } from './inspector.tsx';
import { linkTo } from './selection.ts';

/**
 * Renders a connection of the picture: the figures of its hops in the shown trace, and the form for
 * faults.
 */
export function HopDetails({
  connection: { key, label, hops },
  labels,
  trace,
  steps,
  faults,
}: {
  connection: Connection;
  /** The labels of nodes, by their IDs. */
  labels: ReadonlyMap<string, string>;
  trace: string | undefined;
  steps: readonly Step[];
  faults: readonly ActiveFault[];
}) {
  const byHop = stepsByHop(steps);
  const ends = [...new Set(hops.flatMap(({ from, to }) => [from, to]))];
  const breakable = hops.filter(({ faults: canFail }) => canFail).map(({ hop }) => hopName(hop));
  return (
    <Inspector shown={key} title={label} closed={linkTo({ ...(trace !== undefined && { trace }) })}>
      <table>
        <caption>In the selected trace</caption>
        <thead>
          <tr>
            <th scope="col">hop</th>
            <th scope="col">tries</th>
            <th scope="col">failed</th>
            <th scope="col">took</th>
          </tr>
        </thead>
        <tbody>
          {hops.map((edge) => {
            const passing = stepsOn([edge], byHop);
            const { passed, failed, running, unmatched, shortest = 0, longest } = hopFigures(passing);
            const [first] = passing;
            return (
              <tr key={edge.id}>
                <th scope="row">
                  {first && trace !== undefined ? (
                    <a href={linkTo({ trace, step: first.id })}>{edge.name}</a>
                  ) : (
                    edge.name
                  )}
                </th>
                <td>
                  {passed}
                  {running > 0 && `, ${running} running`}
                  {unmatched > 0 && `, ${counted(unmatched, 'event')} did not match`}
                </td>
                <td class={failed > 0 ? 'failed' : undefined}>{failed}</td>
                <td>{longest === undefined ? '–' : rangeText(shortest, longest)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p>
        Inspect:
        {ends.map((node) => (
          <span key={node}>
            {' '}
            <a href={linkTo({ trace, node })}>{labels.get(node) ?? node}</a>
          </span>
        ))}
      </p>
      {breakable.length > 0 ? (
        <FaultsPanel key={key} hops={breakable} faults={faults} />
      ) : (
        <p class="hint">No fault can be switched on here.</p>
      )}
    </Inspector>
  );
}

function rangeText(shortest: number, longest: number): string {
  const [least, most] = [durationText(shortest), durationText(longest)];
  return least === most ? most : `${least} – ${most}`;
}

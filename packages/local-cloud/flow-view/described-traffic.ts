import type { HopTraffic } from '../src/core/steps.ts';
import { type ActiveFault, strikesAt } from './active-faults.ts';
import type { Connection } from './architecture-layout.ts';
import { waitingBehind } from './dead-letters.ts';
import type { DescribedConnection } from './described-connection.ts';
import { triesLines } from './hop-figures.ts';
import { trafficFigures, trafficOn } from './hop-traffic.ts';
import { linkTo } from './selection.ts';

/** Returns a function that describes connections by what has passed them in the last minutes. */
export function trafficDescriber(
  traffic: readonly HopTraffic[],
  faults: readonly ActiveFault[],
  waiting: ReadonlyMap<string, number>,
): (connection: Connection) => DescribedConnection {
  return (connection) => {
    const passing = trafficOn(connection.hops, traffic);
    const figures = trafficFigures(passing);
    const { failed, passed, running } = figures;
    return {
      connection,
      figures,
      marks: [...triesLines(figures), ...(running > 0 ? [`${running} now`] : [])],
      pulse: passing.reduce((sum, { total }) => sum + total, 0),
      isBroken: failed > 0 && failed >= (passed - running) / 2,
      order: 0,
      faults: faults.filter((fault) => connection.hops.some(({ hop }) => strikesAt(fault, hop))),
      isSelected: false,
      waiting: waitingBehind(connection.hops, waiting),
      link: linkTo({ connection: connection.key }),
    };
  };
}

import type { Step } from '../src/core/steps.ts';
import { type ActiveFault, faultText, strikesAt } from './active-faults.ts';
import type { Connection } from './architecture-layout.ts';
import { counted } from './counted.ts';
import { waitingBehind } from './dead-letters.ts';
import {
  figuresText,
  type HopFigures,
  hopFigures,
  type StepsByHop,
  stepsOn,
  triesLines,
} from './hop-figures.ts';
import { linkTo, type Selection } from './selection.ts';

/** A connection of the picture with what is known about it. */
export interface DescribedConnection {
  connection: Connection;
  figures: HopFigures;
  /** The lines of its mark in the picture. */
  marks: readonly string[];
  /** Differs after each pass. */
  pulse: number;
  /** Whether the last pass failed. */
  isBroken: boolean;
  /** The ID of its first step, which is lower for a line that was passed earlier. */
  order: number;
  faults: readonly ActiveFault[];
  isSelected: boolean;
  /** The number of messages that wait in its queues. */
  waiting: number;
  link: string;
}

/** Returns a function that describes connections in a trace. */
export function describer({
  byHop,
  faults,
  waiting,
  selection,
  selectedStep,
}: {
  byHop: StepsByHop;
  faults: readonly ActiveFault[];
  /** The number of messages in each queue, by the ID of its node. */
  waiting: ReadonlyMap<string, number>;
  selection: Selection;
  selectedStep: Step | undefined;
}): (connection: Connection) => DescribedConnection {
  return (connection) => {
    const passing = stepsOn(connection.hops, byHop);
    const figures = hopFigures(passing);
    return {
      connection,
      figures,
      marks: triesLines(figures),
      pulse: figures.passed,
      isBroken: passing.at(-1)?.outcome === 'failed',
      order: passing[0]?.id ?? 0,
      faults: faults.filter((fault) => connection.hops.some(({ hop }) => strikesAt(fault, hop))),
      isSelected:
        connection.key === selection.connection ||
        (selectedStep !== undefined && passing.includes(selectedStep)),
      waiting: waitingBehind(connection.hops, waiting),
      link: linkTo({ trace: selection.trace, connection: connection.key }),
    };
  };
}

/** Returns the classes of a connection's element. */
export function classOf(
  name: string,
  { figures, isBroken, faults, isSelected }: DescribedConnection,
): string {
  return [
    'hop-link',
    name,
    figures.passed > 0 && 'passed',
    figures.running > 0 && 'running',
    figures.failed > 0 && 'retried',
    isBroken && 'broken',
    faults.length > 0 && 'struck',
    isSelected && 'selected',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Returns a text that describes a connection, for a screen reader and as a tooltip. */
export function describedText({
  connection: { label, hops },
  figures,
  faults,
  waiting,
}: DescribedConnection): string {
  return [
    `${label}: ${[...new Set(hops.map(({ name }) => name))].join(', ')}`,
    figuresText(figures),
    waiting > 0 && counted(waiting, 'message waits', 'messages wait'),
    ...faults.map((fault) => `fault: ${faultText(fault)}`),
  ]
    .filter(Boolean)
    .join('; ');
}

import type { Point } from '../core/faults.ts';
import {
  callHop,
  deadLetterHop,
  eventQueueOf,
  type Hop,
  isFromClient,
  isFromStream,
  mailHop,
  runHop,
  streamReadHop,
} from '../core/hop.ts';
import { knownOperations } from '../services/iam/required-permissions.ts';
import { functionLabel } from '../services/lambda/function-label.ts';
import { FunctionResource } from '../services/lambda/lambda-resources.ts';
import type { Account } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import type { ArchitectureGraph } from './architecture.ts';
import { allowedCalls, type Roles } from './call-edges.ts';

/**
 * Returns every point of a stack at which a fault can occur: the hops of the architecture, the calls
 * that the roles of the functions allow, and the calls of the administrator.
 */
export function faultPoints(
  template: Template,
  { edges, nodes }: Pick<ArchitectureGraph, 'edges' | 'nodes'>,
  roles: Roles,
  account: Account,
): Point[] {
  const kinds = new Map(nodes.map(({ id, kind }) => [id, kind]));
  const readers = edges.filter(({ hop }) => isFromStream(hop)).map(({ hop }) => hop);
  const labels = template.resources(FunctionResource).map(functionLabel);
  return [
    ...edges
      .filter(({ faults }) => faults)
      .flatMap(({ from, to, hop }) =>
        kinds.get(from) === 'rule'
          ? deliveryPoint(hop, kinds.get(to))
          : (archivePoint(hop, kinds.get(from), kinds.get(to)) ?? pointsAt(hop, readers)),
      ),
    ...allowedCalls(template, roles, account).map(callPoint),
    ...knownOperations().map(({ service, operation }) => callPoint(callHop(service, operation))),
    ...labels.flatMap((label) =>
      [runHop('Invoke', label), runHop(eventQueueOf(label), label)].map((hop) => ({ hop, function: label })),
    ),
  ];
}

function callPoint(hop: Hop): Point {
  const { from, to: service, operation = '' } = hop;
  return { hop, service, operation, function: from === callHop('', '').from ? undefined : from };
}

function deliveryPoint(hop: Hop, target: string | undefined): Point {
  return target === 'topic'
    ? { hop, service: 'sns', operation: 'Publish' }
    : { hop, service: 'lambda', operation: 'Invoke' };
}

/** Returns the point at a hop to or from an archive; `undefined` for any other hop. */
function archivePoint(hop: Hop, from: string | undefined, to: string | undefined): Point | undefined {
  if (to === 'archive') return { hop, service: 'events', operation: 'Archive' };
  return from === 'archive' ? { hop, service: 'events', operation: 'Replay' } : undefined;
}

/** @param readers the hops over which streams run functions */
function pointsAt(hop: Hop, readers: readonly Hop[]): Point[] {
  const { from, to, operation } = hop;
  if (operation !== undefined) return [callPoint(hop)];
  if (isFromClient(hop)) return [{ hop, service: 'apigateway', operation: to }];
  if (to === streamReadHop('').to)
    return readers
      .filter((reader) => reader.from === from)
      .map((reader) => ({ hop, service: 'dynamodb', operation: 'GetRecords', function: reader.to }));
  if (to === mailHop('').to) return [{ hop, service: 'sns', operation: 'Deliver' }];
  if (from === deadLetterHop('').from) return [{ hop, service: 'sqs', operation: 'SendMessage' }];
  return [{ hop, function: to }];
}

import type { Clock } from '../core/clock.ts';
import type { Point } from '../core/faults.ts';
import type { ExampleRequest } from '../core/steps.ts';
import { architectureGraph } from '../flow/architecture.ts';
import type { ChangeSources } from '../flow/change-notices.ts';
import { faultPoints } from '../flow/fault-points.ts';
import { flowRoutes } from '../flow/flow-api.ts';
import type { NodeServices } from '../flow/node-facts.ts';
import { nodeRoutes } from '../flow/node-routes.ts';
import { queueRoutes } from '../flow/queue-routes.ts';
import { Redrive, type RedriveServices } from '../flow/redrive.ts';
import { type SendServices, SendTargets } from '../flow/send-targets.ts';
import type { Routes } from '../http/routes.ts';
import type { Authorizer } from '../services/iam/authorizer.ts';
import type { Template } from '../template/template.ts';
import { account } from './account.ts';
import { type LocalPagesSource, localRoutes } from './local-pages.ts';
import type { LocalUrls } from './localize.ts';

/** The services that the pages below `/_local/` show. */
type ShownServices = Omit<LocalPagesSource, 'faultPoints' | 'flow'> &
  Omit<NodeServices, 'architecture' | 'redrive'> &
  Omit<RedriveServices, 'architecture'> &
  Omit<SendServices, 'architecture'> & { clock: Clock; urls: LocalUrls };

/** Returns the routes below `/_local/`: those of the flow view, of the queues, and the others. */
export function pageRoutes(
  template: Template,
  authorizer: Authorizer,
  example: ExampleRequest | undefined,
  services: ShownServices,
): Routes {
  const architecture = architectureGraph(template, authorizer, account);
  const shown = { ...services, architecture };
  const targets = new SendTargets(template, shown);
  const changes = changeSources(services);
  const redrive = new Redrive(template, shown);
  const flow = {
    ...flowRoutes({ ...shown, changes, endpoints: endpointsOf(services), example, targets }),
    ...queueRoutes({ ...shown, redrive }),
    ...nodeRoutes(template, { ...shown, redrive }),
  };
  let points: readonly Point[] | undefined;
  return localRoutes({
    ...services,
    faultPoints: () => (points ??= faultPoints(template, architecture, authorizer, account)),
    flow,
  });
}

/** Returns where clients reach the stack. */
function endpointsOf({ urls, webSocketApi }: Pick<ShownServices, 'urls' | 'webSocketApi'>) {
  const { aws, restApi, webSocketApi: webSocketUrl } = urls;
  const management = webSocketApi && `${aws}/${webSocketApi.stage}`;
  return { aws, restApi, webSocketApi: webSocketUrl, management, region: account.region };
}

/** Returns what reports the changes that the flow view follows. */
function changeSources({ faults, mailbox, metrics, sqs, webSocketApi }: ShownServices): ChangeSources {
  return {
    connections: webSocketApi ? [webSocketApi.connections.changes] : [],
    'dead-letters': sqs.queues.map(({ changes }) => changes),
    emails: [mailbox.changes],
    faults: [faults.changes],
    metrics: [metrics.changes],
  };
}

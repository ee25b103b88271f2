import { AwsError } from '../core/service.ts';
import type { ArchitectureNode } from '../core/steps.ts';
import type { TraceStore } from '../core/trace-store.ts';
import { answerJson, refuse } from '../http/http-server.ts';
import { readJson } from '../http/request-body.ts';
import { queryOf } from '../http/request-query.ts';
import type { Exchange, Routes } from '../http/routes.ts';
import { TableResource } from '../services/dynamodb/table-resource.ts';
import { RuleResource } from '../services/eventbridge/event-resources.ts';
import { compileRule } from '../services/eventbridge/rule.ts';
import type { Template } from '../template/template.ts';
import type { ArchitectureGraph } from './architecture.ts';
import { type NodeServices, nodeFacts } from './node-facts.ts';
import { stepsAt } from './node-steps.ts';
import { tableItems } from './table-items.ts';

/** More than the 1 MB of an event. */
const MAXIMUM_EVENT = 2 * 1024 ** 2;

/** Returns the routes that show what is in a node of the architecture. They only read. */
export function nodeRoutes(
  template: Template,
  services: NodeServices & { architecture: ArchitectureGraph; recorder: { traces: TraceStore } },
): Routes {
  const { architecture, dynamoDb, recorder } = services;
  const withNode =
    (answer: (node: ArchitectureNode, exchange: Exchange) => Promise<void>) =>
    async (exchange: Exchange): Promise<void> => {
      const node = architecture.nodes.find(({ id }) => id === exchange.parameters[0]);
      if (!node) return refuse(exchange.response, 404, 'There is no such node.');
      try {
        await answer(node, exchange);
      } catch (error) {
        // For example, the archive of the template has been deleted.
        if (!(error instanceof AwsError)) throw error;
        refuse(exchange.response, 400, error.message);
      }
    };
  const tables = template.resources(TableResource);
  const rules = template.resources(RuleResource);
  return {
    'GET /_local/flow/nodes/{id}': withNode(async (node, { response }) => {
      const facts = await nodeFacts(node, template, services);
      answerJson(response, 200, { ...node, ...facts, ...stepsAt(node, recorder.traces, architecture) });
    }),
    'GET /_local/flow/nodes/{id}/items': withNode(async ({ id }, { request, response }) => {
      const table = tables.find(({ logicalId }) => logicalId === id);
      if (!table) return refuse(response, 404, 'The node is not a table.');
      const parameters = queryOf(request);
      const keyNames = table.properties.KeySchema.map(({ AttributeName }) => AttributeName);
      const page = { search: parameters.get('search') ?? '', after: parameters.get('after') ?? undefined };
      answerJson(response, 200, await tableItems(dynamoDb, { name: table.name, keyNames }, page));
    }),
    'POST /_local/flow/nodes/{id}/test': withNode(async ({ id }, { request, response }) => {
      const rule = rules.find(({ logicalId }) => logicalId === id);
      if (!rule?.properties.EventPattern)
        return refuse(response, 404, 'The node is not a rule with a pattern.');
      const event = await readJson(request, MAXIMUM_EVENT);
      if (typeof event !== 'object' || event === null || Array.isArray(event))
        return refuse(response, 400, 'The body must be an event: a JSON object of at most 2 MB.');
      const { explain, matches } = compileRule(rule, { skipped: undefined, localize: services.localize });
      answerJson(response, 200, matches(event) ? { matches: true } : { matches: false, why: explain(event) });
    }),
  };
}

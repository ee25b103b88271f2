import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import * as z from 'zod/mini';
import { BlogMetric } from '../../lambdas/runtime/blog-metrics.ts';
import { OnCallDashboard } from '../../lib/on-call-dashboard.ts';
import { handlerFunctions, resources, resourcesById, textOf } from './stage-template.ts';
import { type Stage, stages } from './stages.ts';

/** A metric of a graph: namespace, name, then the dimensions and, at the end, the options. */
const GraphedMetric = z.array(z.union([z.string(), z.looseObject({ label: z.optional(z.string()) })]));

const Body = z.object({
  widgets: z.array(
    z.object({
      type: z.string(),
      y: z.number(),
      properties: z.looseObject({
        title: z.optional(z.string()),
        markdown: z.optional(z.string()),
        metrics: z._default(z.array(GraphedMetric), []),
        alarms: z._default(z.array(z.string()), []),
      }),
    }),
  ),
});

/** Returns the widgets of a dashboard, with `<Name>` for references. */
const widgetsIn = (dashboard: { DashboardBody: unknown }) =>
  Body.parse(JSON.parse(textOf(dashboard.DashboardBody))).widgets;

function widgetsOf(stage: Stage) {
  const [dashboard] = Object.values(resourcesById('AWS::CloudWatch::Dashboard', stage));
  return widgetsIn(dashboard?.Properties);
}

const metrics = (widgets = widgetsOf('dev')) => widgets.flatMap(({ properties }) => properties.metrics);

/** Returns the names of the resources in the graphs of a metric. */
const graphed = (name: string) =>
  metrics().flatMap(([, metric, ...rest]) =>
    metric === name ? rest.filter((part) => typeof part === 'string') : [],
  );

it.each(stages)('is one in stage %s, with a name for each Region', (stage) => {
  const dashboards = Object.values(resourcesById('AWS::CloudWatch::Dashboard', stage));
  expect(dashboards.map(({ Properties }) => textOf(Properties.DashboardName))).toEqual([
    `Blog-${stage}-<AWS::Region>`,
  ]);
});

it('begins with the time from the 201 to the push', () => {
  const [, first] = widgetsOf('dev');
  expect(first?.properties.metrics).toEqual(
    ['p50', 'p99'].map((stat) => ['Blog', 'TimeToPush', 'service', 'Blog-dev', { label: stat, stat }]),
  );
});

it('follows the path of a post', () => {
  const headings = widgetsOf('dev').flatMap(
    ({ properties: { markdown = '' } }) => markdown.match(/^# (.*)/)?.[1] ?? [],
  );
  expect(headings).toEqual([
    'APIs',
    'Functions',
    'Rules',
    'Dead-letter queues',
    'Tables and streams',
    'Pushes',
    'Each function',
  ]);
});

it('shows the metrics of the handlers, and no others in their namespace', () => {
  const shown = metrics().flatMap(([namespace, name, dimension, value]) =>
    namespace === 'Blog' ? [{ name, dimension, value }] : [],
  );
  const known = Object.values(BlogMetric).map(({ metricName }) => metricName);
  for (const { name, dimension, value } of shown) {
    expect(known).toContain(name);
    expect([dimension, value]).toEqual(['service', 'Blog-dev']);
  }
  // The alarm shows the filter policies.
  const all = known.filter((name) => name !== BlogMetric.filterPolicies.metricName);
  expect(new Set(shown.map(({ name }) => name))).toEqual(new Set(all));
});

it('shows every function, together and alone', () => {
  for (const name of Object.keys(handlerFunctions())) {
    expect(graphed('Errors')).toContain(`<${name}>`);
    expect(graphed('Duration').filter((each) => each === `<${name}>`).length).toBeGreaterThan(1);
  }
});

it('shows every queue, table and rule', () => {
  for (const name of Object.keys(resources('AWS::SQS::Queue')))
    expect(graphed('ApproximateNumberOfMessagesVisible')).toContain(`<${name}.QueueName>`);
  for (const name of Object.keys(resources('AWS::DynamoDB::Table')))
    expect(graphed('WriteThrottleEvents')).toContain(`<${name}>`);
  for (const [id, { Properties }] of Object.entries(resources('AWS::Events::Rule')))
    expect(graphed('MatchedEvents')).toContain(Properties.Name ?? `<${id}>`);
  expect(graphed('IteratorAge')).toEqual(['FunctionName', '<PostUpdatesPublishPostUpdates>']);
});

it('shows the state of every alarm', () => {
  const [{ properties: widget } = { properties: undefined }] = widgetsOf('dev').filter(
    ({ type }) => type === 'alarm',
  );
  const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
    Object.keys(resources(type)),
  );
  expect(widget?.alarms).toHaveLength(alarms.length);
  expect(widget?.alarms).toEqual(expect.arrayContaining(alarms.map((name) => `<${name}.Arn>`)));
});

it('shows AWS WAF if the stack has it, by the name in its settings', () => {
  const of = (stage: Stage) => metrics(widgetsOf(stage)).filter(([namespace]) => namespace === 'AWS/WAFV2');
  expect(of('dev')).toEqual([]);
  expect(of('prod').map((metric) => metric.slice(1, -1))).toEqual(
    ['AllowedRequests', 'BlockedRequests'].map((name) => [
      name,
      ...['Region', '<AWS::Region>', 'Rule', 'ALL', 'WebACL', 'Blog-prod'],
    ]),
  );
  const [acl] = Object.values(resourcesById('AWS::WAFv2::WebACL', 'prod'));
  expect(acl?.Properties.VisibilityConfig.MetricName).toBe('Blog-prod');
});

it('names a rule without a name as CloudWatch does, on each bus', () => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Tiny');
  const source = { source: ['tiny'] };
  new Rule(stack, 'OnDefault', { eventPattern: source });
  new Rule(stack, 'OnOwn', { eventPattern: source, eventBus: new EventBus(stack, 'Bus') });
  new OnCallDashboard(stack, 'OnCall');
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  const body = JSON.stringify(dashboard?.Properties.DashboardBody);
  expect(body).toMatch(/RuleName.{5,20}\{"Ref":"OnDefault[0-9A-F]{8}"\}/);
  expect(body).toMatch(
    /RuleName.{5,20}\{"Fn::Select":\[2,\{"Fn::Split":\["\/",\{"Fn::GetAtt":\["OnOwn[0-9A-F]{8}","Arn"\]/,
  );
});

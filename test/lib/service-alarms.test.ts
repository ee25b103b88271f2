import { readFileSync } from 'node:fs';
import { allProperties, resources, resourcesById, textOf } from './stage-template.ts';
import { stages } from './stages.ts';

const metricAlarms = resources('AWS::CloudWatch::Alarm', 'prod');
const composites = resources('AWS::CloudWatch::CompositeAlarm', 'prod');
const alarms = Object.entries({ ...metricAlarms, ...composites });
const service = (name: string) => metricAlarms[`ServiceAlarms${name}`]?.Properties;

/** Returns the metrics of an alarm of several, each with its dimensions. */
function metricsOf(name: string): string[] {
  const metrics: { MetricStat?: { Metric: { MetricName: string; Dimensions: { Value: unknown }[] } } }[] =
    service(name).Metrics;
  return metrics.flatMap(({ MetricStat }) =>
    MetricStat
      ? `${MetricStat.Metric.MetricName} ${MetricStat.Metric.Dimensions.map(({ Value }) => textOf(Value)).join(' ')}`
      : [],
  );
}

it('has at most 35 alarms, the composite one included, and with AWS WAF', () => {
  expect(alarms.length).toBeLessThanOrEqual(35);
});

it('costs what docs/deploying.md says', () => {
  const ofDev = Object.values(resources('AWS::CloudWatch::Alarm', 'dev'));
  const metrics = ofDev.flatMap(({ Properties: { Metrics } }) =>
    Metrics ? Metrics.filter((metric: object) => 'MetricStat' in metric) : ['the only one'],
  );
  const [, row = '', total = ''] =
    readFileSync('docs/deploying.md', 'utf8').match(/^\| part (.+?)^\| \*\*total\*\* (.+?)$/ms) ?? [];
  const [alarmsStated = 0, metricsStated = 0, functionsStated = 0] = (
    /\| (\d+) alarms of (\d+) metrics for (\d+) functions, /.exec(row)?.slice(1) ?? []
  ).map(Number);
  const counted = [ofDev.length, metrics.length];
  const isAsItComes = Object.keys(resources('AWS::Lambda::Alias', 'dev')).length === functionsStated;
  if (isAsItComes) expect([alarmsStated, metricsStated]).toEqual(counted);
  // A new consumer adds alarms to those that the table states.
  else
    for (const [index, stated] of [alarmsStated, metricsStated].entries())
      expect(counted[index]).toBeGreaterThan(stated);
  const cents = (text: string) =>
    [...text.matchAll(/\$(\d+)(?:\.(\d\d))?(?:\*\*)? (?=\|)/g)].map(
      ([, dollars, rest = '0']) => Number(dollars) * 100 + Number(rest),
    );
  const sums = [0, 1].map((column) =>
    cents(row)
      .filter((_, index) => index % 2 === column)
      .reduce((sum, part) => sum + part, 0),
  );
  expect(sums).toEqual(cents(total));
  expect(cents(row).slice(0, 2)).toEqual([10 * (metricsStated - 10), 10 * metricsStated]);
});

describe.each(stages)('in stage %s', (stage) => {
  const types = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];
  it.each(types.flatMap((type) => Object.entries(resources(type, stage))))(
    '%s tells when it goes off and when it is over',
    (_, { Properties }) => {
      for (const actions of [Properties.AlarmActions, Properties.OKActions])
        expect(actions?.map(textOf)).toEqual(['<AlarmTopic>']);
      expect(Properties.ActionsEnabled).not.toBe(false);
    },
  );
});

it('no alarm has more than the ten metrics that CloudWatch allows', () => {
  for (const [, { Properties }] of Object.entries(metricAlarms))
    expect((Properties.Metrics ?? []).length).toBeLessThanOrEqual(11);
});

it.each(Object.entries(metricAlarms))('%s says what missing data means', (_, { Properties }) => {
  expect(['breaching', 'ignore', 'notBreaching']).toContain(Properties.TreatMissingData);
});

it('combines the alarms that mean that users suffer, for a pager', () => {
  const { AlarmName, AlarmRule } = Object.values(composites)[0]?.Properties ?? {};
  expect(AlarmName).toBe('Blog-prod-Unhealthy');
  const named = [...textOf(AlarmRule).matchAll(/ALARM\("<(\w+)\.Arn>"\)/g)].map(([, name]) => name);
  expect(named.sort()).toEqual([
    'OutboxRelayRelayStopped',
    'ServiceAlarmsApiErrors',
    'ServiceAlarmsApiSlow',
    'ServiceAlarmsFunctionsThrottled',
    'ServiceAlarmsStreamDelayed',
  ]);
});

it('watches the errors and the latency of both APIs', () => {
  expect(metricsOf('ApiErrors')).toEqual([
    '5XXError blog-posts-prod',
    'IntegrationError <WebSocketGatewayApi> prod',
    'ExecutionError <WebSocketGatewayApi> prod',
  ]);
  expect(metricsOf('ApiSlow')).toEqual([
    'Latency blog-posts-prod',
    'IntegrationLatency <WebSocketGatewayApi> prod',
  ]);
});

it('watches throttles and durations of each function behind an API, and of no other', () => {
  const behind = [
    ...new Set(
      allProperties('AWS::Lambda::Permission', 'prod')
        .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com')
        .map(({ FunctionName }) => textOf(FunctionName).replace(/Live>$/, '>')),
    ),
  ].sort();
  expect(behind.length).toBeGreaterThan(4);
  for (const [name, metric] of [
    ['FunctionsThrottled', 'Throttles'],
    ['FunctionsSlow', 'Duration'],
  ] as const)
    expect(metricsOf(name).sort()).toEqual(behind.map((one) => `${metric} ${one} ${one}:live`));
});

it('watches the age of the records of each stream that a function reads', () => {
  const [mapping] = allProperties('AWS::Lambda::EventSourceMapping', 'prod');
  const reader = textOf(mapping?.FunctionName).replace(/Live>.*$/, '>');
  expect(metricsOf('StreamDelayed')).toEqual([`IteratorAge ${reader} ${reader}:live`]);
});

it('watches every rule, and every queue without an alarm of its own', () => {
  const rules = Object.keys(resources('AWS::Events::Rule', 'prod'));
  expect(metricsOf('EventsFailed')).toHaveLength(rules.length);
  const own = Object.values(metricAlarms).flatMap(({ Properties }) =>
    Properties.Namespace === 'AWS/SQS' ? textOf(Properties.Dimensions[0].Value) : [],
  );
  const others = metricsOf('Undelivered').map((metric) => metric.split(' ')[1]);
  const queues = Object.keys(resources('AWS::SQS::Queue', 'prod')).map((queue) => `<${queue}.QueueName>`);
  expect([...own, ...others].sort()).toEqual(queues.sort());
});

it.each(['ThrottledRequests', 'SystemErrors'])('watches %s of every table', (metric) => {
  const queries = Object.values(metricAlarms).flatMap(({ Properties }) =>
    Properties.Metrics ? textOf(Properties.Metrics[0].Expression ?? '') : [],
  );
  const query = queries.find((one) => one.includes(`SUM(${metric})`)) ?? '';
  for (const table of Object.keys(resources('AWS::DynamoDB::Table', 'prod')))
    expect(query).toContain(`TableName = '<${table}>'`);
});

it('has an alarm of AWS WAF only with it', () => {
  expect(metricsOf('RequestsBlocked')).toEqual([expect.stringMatching(/^BlockedRequests /)]);
  expect(resources('AWS::CloudWatch::Alarm', 'dev')).not.toHaveProperty('ServiceAlarmsRequestsBlocked');
});

it('lets the errors of the APIs roll back the functions behind them', () => {
  const [apiErrors] = Object.keys(resourcesById('AWS::CloudWatch::Alarm', 'prod')).filter((id) =>
    id.startsWith('ServiceAlarmsApiErrors'),
  );
  const rolledBack = Object.entries(resources('AWS::CodeDeploy::DeploymentGroup', 'prod'))
    .filter(([, { Properties }]) =>
      Properties.AlarmConfiguration.Alarms.some(
        ({ Name }: { Name: { Ref: string } }) => Name.Ref === apiErrors,
      ),
    )
    .map(([name]) => name.replace('GradualDeployments', ''));
  expect(rolledBack.sort()).toEqual([
    'CreatePost',
    'GetPost',
    'ListPosts',
    'ManageConnections',
    'SubscribeByMail',
  ]);
});

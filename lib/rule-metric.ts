import { Fn, Token } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnRule } from 'aws-cdk-lib/aws-events';

/**
 * Returns a metric of a rule. The metrics of a rule on the default bus have no `EventBusName`
 * (EventBridge User Guide, "Monitoring Amazon EventBridge").
 */
export function ruleMetric(rule: CfnRule, metricName: string, options: MetricOptions): Metric {
  const { eventBusName: EventBusName, name } = rule;
  const isNamed = name !== undefined && !Token.isUnresolved(name);
  // The ARN of a rule on another bus ends with `rule/<bus>/<rule>`.
  const generated = EventBusName === undefined ? rule.ref : Fn.select(2, Fn.split('/', rule.attrArn));
  return new Metric({
    namespace: 'AWS/Events',
    metricName,
    dimensionsMap: {
      ...(EventBusName !== undefined && { EventBusName }),
      RuleName: isNamed ? name : generated,
    },
    label: isNamed ? name : rule.node.path.split('/').slice(1, -1).join(' '),
    ...options,
  });
}

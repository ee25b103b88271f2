import { Aws, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** The share of a throttle that the requests of one address can use. */
const SHARE = 0.25;
const WINDOW_SECONDS = 60;
/** AWS WAF Developer Guide, "Rate-based rule high-level settings in AWS WAF". */
const LOWEST_LIMIT = 10;

export interface AddressRatesProps {
  readonly stage: Stage;
  /** The throttle of each method, in requests a second. */
  readonly rate: number;
  /** The throttle of `POST /posts`, in requests a second. */
  readonly postRate: number;
}

/**
 * Lets no IP address use more than a quarter of the throttles of the REST API for long: the
 * throttles are shared by all callers. AWS WAF blocks the rest with a 403, usually within 30 seconds
 * (AWS WAF Developer Guide, "Rate-based rule caveats").
 */
export class AddressRates extends Construct {
  constructor(scope: Construct, id: string, { stage, rate, postRate }: AddressRatesProps) {
    super(scope, id);

    const webAcl = new CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility(Stack.of(this).stackName),
      rules: [rateRule(0, 'Requests', rate), rateRule(1, 'Posts', postRate, method('POST'))],
    });
    // The ARN refers to the stage, so the association waits for it.
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: stage.stageArn,
      webAclArn: webAcl.attrArn,
    });
  }

  /** Returns the metrics of the allowed and the blocked requests. */
  metrics(): Metric[] {
    return [this.#metric('AllowedRequests'), this.blockedRequests()];
  }

  /** Returns the metric of the blocked requests. */
  blockedRequests(options?: MetricOptions): Metric {
    return this.#metric('BlockedRequests', options);
  }

  /** Source: AWS WAF Developer Guide, "AWS WAF metrics and dimensions". */
  #metric(metricName: string, options?: MetricOptions): Metric {
    return new Metric({
      namespace: 'AWS/WAFV2',
      metricName,
      // The name in the visibility settings, so two stacks must have different ones.
      dimensionsMap: { WebACL: Stack.of(this).stackName, Rule: 'ALL', Region: Aws.REGION },
      statistic: Stats.SUM,
      label: metricName,
      ...options,
    });
  }
}

/** Returns a rule that blocks the requests of an address beyond its share of a throttle. */
function rateRule(
  priority: number,
  name: string,
  rate: number,
  scopeDownStatement?: CfnWebACL.StatementProperty,
): CfnWebACL.RuleProperty {
  const limit = Math.max(LOWEST_LIMIT, Math.floor(rate * SHARE * WINDOW_SECONDS));
  return {
    name,
    priority,
    action: { block: {} },
    visibilityConfig: visibility(name),
    statement: {
      rateBasedStatement: {
        aggregateKeyType: 'IP',
        evaluationWindowSec: WINDOW_SECONDS,
        limit,
        ...(scopeDownStatement && { scopeDownStatement }),
      },
    },
  };
}

function method(name: string): CfnWebACL.StatementProperty {
  return {
    byteMatchStatement: {
      fieldToMatch: { method: {} },
      positionalConstraint: 'EXACTLY',
      searchString: name,
      textTransformations: [{ priority: 0, type: 'NONE' }],
    },
  };
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: true };
}

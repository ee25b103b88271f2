import { FilterPolicyScope } from './filter-policy.ts';
import { invalidParameter } from './operation.ts';

/** The attributes of a subscription that have an effect on e-mails. */
export interface SubscriptionAttributes {
  FilterPolicy?: string | undefined;
  FilterPolicyScope?: FilterPolicyScope | undefined;
}

/** Attributes of AWS that only other protocols and topics use. */
const NOT_EMULATED = [
  'DeliveryPolicy',
  'RedrivePolicy',
  'ReplayPolicy',
  'ReplayStatus',
  'SubscriptionRoleArn',
];

/**
 * Returns the attributes of a new subscription; the filter policy is not compiled yet.
 * @throws {AwsError} `InvalidParameter`, in the words of SNS
 */
export function subscriptionAttributes({
  FilterPolicy,
  FilterPolicyScope: scope,
  RawMessageDelivery,
  ...others
}: Record<string, string>): SubscriptionAttributes {
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw invalidParameter(
      'Attributes',
      NOT_EMULATED.includes(other) ? `${other}: not emulated` : 'AttributeName',
    );
  refuseRawDelivery(RawMessageDelivery);
  const { data: FilterPolicyScopeOrNone, success } = FilterPolicyScope.safeParse(
    scope ?? 'MessageAttributes',
  );
  if (!success) {
    const reason = `FilterPolicyScope: Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`;
    throw invalidParameter('Attributes', reason);
  }
  return { FilterPolicy, FilterPolicyScope: scope === undefined ? undefined : FilterPolicyScopeOrNone };
}

function refuseRawDelivery(value: string | undefined): void {
  if (value === undefined || /^false$/i.test(value)) return;
  if (/^true$/i.test(value))
    throw invalidParameter('Attributes', 'Delivery protocol [email] does not support raw message delivery.');
  throw invalidParameter(
    'Attributes',
    `RawMessageDelivery: Invalid value [${value}]. Must be true or false.`,
  );
}

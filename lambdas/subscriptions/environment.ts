/** The environment variable with the ARN of the topic. */
export const TOPIC_ARN = 'TOPIC_ARN';

/** The environment variable with the name of the RequestLimits table. */
export const REQUEST_LIMITS_TABLE = 'REQUEST_LIMITS_TABLE';

/** The environment variable with the ARN of the secret from which the keys of that table are made. */
export const REQUEST_LIMITS_KEY_ARN = 'REQUEST_LIMITS_KEY_ARN';

/** The environment variable with the number of filter policies that the topic may have. */
export const FILTER_POLICY_QUOTA = 'FILTER_POLICY_QUOTA';

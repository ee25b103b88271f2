import { Logger } from '@aws-lambda-powertools/logger';

/**
 * Writes one JSON object a line with `level`, `message`, `timestamp` and `correlation_id`, which is
 * the id of the post, else of the connection, else of the request.
 */
export const logger = new Logger({ serviceName: 'blog' });

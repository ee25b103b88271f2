import { Logger } from '@aws-lambda-powertools/logger';

/**
 * Writes one JSON object per line, with `level`, `message`, `timestamp` and `correlation_id`, which
 * is the ID of the post, else of the connection, else of the request.
 */
export const logger = new Logger({ serviceName: 'blog' });

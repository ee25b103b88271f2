import { Logger } from '@aws-lambda-powertools/logger';

/**
 * Writes one JSON object a line, with `level`, `message`, `timestamp`, and `correlation_id`: the id of the post
 * concerned, of the connection, or of the request where it is for neither.
 */
export const logger = new Logger({ serviceName: 'blog' });

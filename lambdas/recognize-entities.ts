import { ComprehendClient, DetectEntitiesCommand } from '@aws-sdk/client-comprehend';
import * as z from 'zod/mini';
import { BlogPostCreated } from '../model/events.ts';
import { parse } from '../model/parse.ts';
import type { Post } from '../model/post.ts';
import { entitiesFromComprehend } from './enrichment/entities-from-comprehend.ts';
import { addEntities, addFailedEnrichment } from './posts/enrich-post.ts';
import { BlogMetric } from './runtime/blog-metrics.ts';
import { logger } from './runtime/logger.ts';
import { measure } from './runtime/metrics.ts';
import { comprehendSettings } from './runtime/sdk-settings.ts';

const comprehend = new ComprehendClient(comprehendSettings);

/**
 * The errors with which Comprehend refuses a text permanently (API reference, `DetectEntities`),
 * and the reason that the author reads.
 */
const refusals = new Map([
  ['TextSizeLimitExceededException', 'The text is too large to be analysed.'],
  ['UnsupportedLanguageException', 'The language of the text is not supported.'],
  ['InvalidRequestException', 'The text cannot be analysed.'],
]);

const Event = z.object({ detail: BlogPostCreated });

/**
 * Handles `BlogPostCreated`: adds the entities that the post's text names to the stored post.
 * Throws errors that are worth a retry.
 */
export async function handler(event: unknown): Promise<void> {
  const { post, metadata } = parse(Event, event, 'The event').detail;
  logger.setCorrelationId(post.id);
  logger.appendKeys({ event_id: metadata?.eventId });
  if (!(await enrich(post, metadata?.eventId))) logger.info('The post is enriched already, or deleted.');
}

/** Returns false if the post is already enriched or deleted. */
async function enrich({ id, body, language = 'en' }: Post, event_id?: string): Promise<boolean> {
  const answer = await comprehend
    .send(new DetectEntitiesCommand({ Text: body, LanguageCode: language }))
    .catch((error: unknown) => {
      const reason = error instanceof Error ? refusals.get(error.name) : undefined;
      if (!reason) throw error;
      logger.warn('The post cannot be enriched.', { error });
      return { reason };
    });
  if ('reason' in answer) {
    const isMarked = await addFailedEnrichment(id, { status: 'failed', reason: answer.reason });
    if (isMarked)
      measure(BlogMetric.postsNotEnriched, 1, 'The post is marked as not enriched.', { event_id });
    return isMarked;
  }
  const isEnriched = await addEntities(id, entitiesFromComprehend(answer.Entities ?? []));
  if (isEnriched) measure(BlogMetric.postsEnriched, 1, 'The post is enriched.', { event_id });
  return isEnriched;
}

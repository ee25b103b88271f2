import { ComprehendClient, DetectEntitiesCommand } from '@aws-sdk/client-comprehend';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { BlogPostCreated } from '../model/events.ts';
import { type Entities, type FailedEnrichment, type Post, Revision } from '../model/post.ts';
import { entitiesFromComprehend } from './enrichment/entities-from-comprehend.ts';
import { conditionally } from './runtime/conditional-write.ts';
import { Environment, environment } from './runtime/environment.ts';
import { logger } from './runtime/logger.ts';
import { comprehendSettings } from './runtime/sdk-settings.ts';
import { table } from './runtime/table-client.ts';

const comprehend = new ComprehendClient(comprehendSettings);

/** The errors by which Comprehend refuses a text for good (API reference, `DetectEntities`), as told to the author. */
const refusals = new Map([
  ['TextSizeLimitExceededException', 'The text is too large to be analysed.'],
  ['UnsupportedLanguageException', 'The language of the text is not supported.'],
  ['InvalidRequestException', 'The text cannot be analysed.'],
]);

const Event = z.object({ detail: BlogPostCreated });

/** The attribute that ends a post's enrichment, and its value. */
type Enrichment = ['entities', Entities] | ['enrichment', FailedEnrichment];

/** `BlogPostCreated`: adds to the post in the table what it names. Throws what is worth another try. */
export async function handler(event: unknown): Promise<void> {
  const { post } = Event.parse(event).detail;
  logger.setCorrelationId(post.id);
  await save(post.id, await enrichmentOf(post));
}

async function enrichmentOf({ body, language = 'en' }: Post): Promise<Enrichment> {
  try {
    const { Entities = [] } = await comprehend.send(
      new DetectEntitiesCommand({ Text: body, LanguageCode: language }),
    );
    return ['entities', entitiesFromComprehend(Entities)];
  } catch (error) {
    const reason = error instanceof Error ? refusals.get(error.name) : undefined;
    if (!reason) throw error;
    logger.warn('The post cannot be enriched.', { error });
    return ['enrichment', { status: 'failed', reason }];
  }
}

/** Writes only to a post that is there and not yet enriched, so that a repeated event changes nothing. */
async function save(id: string, [attribute, value]: Enrichment): Promise<void> {
  const { done } = await conditionally(
    table.send(
      new UpdateCommand({
        TableName: environment(Environment.postsTable),
        Key: { id },
        UpdateExpression: 'SET #attribute = :value, revision = :enriched, updatedAt = :now',
        ConditionExpression: 'revision = :created',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: {
          ':value': value,
          ':created': Revision.created,
          ':enriched': Revision.enriched,
          ':now': new Date().toISOString(),
        },
      }),
    ),
  );
  logger.info(done ? 'The post is enriched.' : 'The post is enriched already, or deleted.');
}

import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type Entities, type FailedEnrichment, Revision } from '../../model/post.ts';
import { conditionally } from '../runtime/conditional-write.ts';
import { environment } from '../runtime/environment.ts';
import { table } from '../runtime/table-client.ts';
import { POSTS_TABLE } from './environment.ts';

/** Adds entities to a post. Returns false if the post is already enriched or deleted. */
export function addEntities(id: string, entities: Entities): Promise<boolean> {
  return enrich(id, 'entities', entities);
}

/**
 * Marks a post as one that can never be enriched. Returns false if the post is already enriched or
 * deleted.
 */
export function addFailedEnrichment(id: string, enrichment: FailedEnrichment): Promise<boolean> {
  return enrich(id, 'enrichment', enrichment);
}

/** Writes only to a post at its first revision, so that a repeated event changes nothing. */
async function enrich(id: string, attribute: string, value: object): Promise<boolean> {
  const { done } = await conditionally(
    table.send(
      new UpdateItemCommand({
        TableName: environment(POSTS_TABLE),
        Key: marshall({ id }),
        UpdateExpression: 'SET #attribute = :value, revision = :enriched, updatedAt = :now',
        ConditionExpression: 'revision = :created',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: marshall({
          ':value': value,
          ':created': Revision.created,
          ':enriched': Revision.enriched,
          ':now': new Date().toISOString(),
        }),
      }),
    ),
  );
  return done;
}

import { Duration } from 'aws-cdk-lib';
import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { Environment } from '../lambdas/runtime/environment.ts';
import { feedIndexes } from '../model/feed.ts';
import type { BlogTable } from './blog-table.ts';
import { HandlerFunction } from './handler-function.ts';
import { RestResource } from './rest-resource.ts';

export interface PostReadingProps {
  /** Gets the indexes of the posts in the order in which they are read. */
  readonly postsTable: BlogTable;
  /** The resource `/posts` of the REST API; gets its methods for readers. */
  readonly posts: RestResource;
}

/**
 * `GET /posts/{id}`: a post of the Posts table. `GET /posts`: the posts page by page, newest first, found by indexes of
 * the table.
 */
export class PostReading extends Construct {
  constructor(scope: Construct, id: string, props: PostReadingProps) {
    super(scope, id);
    const { postsTable, posts } = props;
    const environment = { [Environment.postsTable]: postsTable.tableName };

    const getPost = new HandlerFunction(this, 'GetPost', {
      handler: 'get-post',
      // One call, three times 3 s at worst, and the pauses between.
      timeout: Duration.seconds(10),
      environment,
    });
    postsTable.grant(getPost, 'dynamodb:GetItem');

    const listPosts = new HandlerFunction(this, 'ListPosts', {
      handler: 'list-posts',
      // The calls for large posts are many, of milliseconds each. API Gateway waits no longer.
      timeout: Duration.seconds(29),
      environment,
    });
    postsTable.grant(listPosts, 'dynamodb:BatchGetItem');
    for (const { indexName, partitionKey } of Object.values(feedIndexes)) {
      postsTable.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: partitionKey, type: AttributeType.STRING },
        sortKey: { name: 'feedPosition', type: AttributeType.STRING },
        // Else each entry would be as large as its post, and written again whenever that changes.
        projectionType: ProjectionType.KEYS_ONLY,
        // Its writes have no maximum but the table's, which would wait for an index that takes fewer.
        maxReadRequestUnits: 1000,
      });
      postsTable.grantOnIndex(listPosts, indexName, 'dynamodb:Query');
    }

    posts.addFunction('GET', listPosts);
    new RestResource(posts, '{id}', ['GET']).addFunction('GET', getPost);
  }
}

import { Duration } from 'aws-cdk-lib';
import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { POSTS_TABLE } from '../lambdas/posts/environment.ts';
import { feedIndexes } from '../model/feed.ts';
import type { BlogTable } from './blog-table.ts';
import { HandlerFunction } from './handler-function.ts';
import { RestResource } from './rest-resource.ts';

export interface PostReadingProps {
  /** The table that the indexes for the lists of posts are added to. */
  readonly postsTable: BlogTable;
  /** The resource `/posts` of the REST API, to which the methods for readers are added. */
  readonly posts: RestResource;
}

/**
 * `GET /posts/{id}`, which returns a post of the Posts table, and `GET /posts`, which returns a
 * page of posts, newest first, by indexes of the table.
 */
export class PostReading extends Construct {
  constructor(scope: Construct, id: string, props: PostReadingProps) {
    super(scope, id);
    const { postsTable, posts } = props;
    const environment = { [POSTS_TABLE]: postsTable.tableName };

    const getPost = new HandlerFunction(this, 'GetPost', {
      handler: 'get-post',
      // One call of at most three attempts of 3 s, and the pauses between.
      timeout: Duration.seconds(10),
      environment,
    });
    postsTable.grant(getPost, 'dynamodb:GetItem');

    const listPosts = new HandlerFunction(this, 'ListPosts', {
      handler: 'list-posts',
      // Large posts take many calls, of milliseconds each. API Gateway waits for 29 s.
      timeout: Duration.seconds(29),
      environment,
    });
    postsTable.grant(listPosts, 'dynamodb:BatchGetItem');
    for (const { indexName, partitionKey } of Object.values(feedIndexes)) {
      // One release can add one index to a deployed table (BlogTable).
      postsTable.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: partitionKey, type: AttributeType.STRING },
        sortKey: { name: 'feedPosition', type: AttributeType.STRING },
        // With all attributes, an entry would be as large as its post, and written again at each
        // change of the post.
        projectionType: ProjectionType.KEYS_ONLY,
        // No maximum for writes: an index that takes fewer than the table would throttle the table.
        maxReadRequestUnits: 1000,
      });
      postsTable.grantOnIndex(listPosts, indexName, 'dynamodb:Query');
    }

    posts.addFunction('GET', listPosts);
    new RestResource(posts, '{id}', ['GET']).addFunction('GET', getPost);
  }
}

import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { BLOG_BUS } from '../lambdas/events/environment.ts';
import { POSTS_TABLE, POSTS_URL } from '../lambdas/posts/environment.ts';
import { BlogRestApi, type BlogRestApiProps } from './blog-rest-api.ts';
import { HandlerFunction } from './handler-function.ts';
import { RestResource } from './rest-resource.ts';

export interface PostApiProps extends BlogRestApiProps {
  readonly postsTable: Table;
  readonly blogBus: EventBus;
}

/**
 * The REST API, and its method `POST /posts`, which validates a post, saves it in the Posts table
 * and announces it on the blog bus as `BlogPostCreated`.
 */
export class PostApi extends Construct {
  readonly api: BlogRestApi;
  /** The resource `/posts`. */
  readonly posts: RestResource;

  constructor(scope: Construct, id: string, props: PostApiProps) {
    super(scope, id);

    this.api = new BlogRestApi(this, 'Api', props);
    const createPost = new HandlerFunction(this, 'CreatePost', {
      handler: 'create-post',
      // Three calls of at most three attempts of 3 s, and the pauses between. API Gateway waits for
      // 29 s.
      timeout: Duration.seconds(29),
      environment: {
        [POSTS_TABLE]: props.postsTable.tableName,
        [BLOG_BUS]: props.blogBus.eventBusName,
        [POSTS_URL]: `${this.api.baseUrl}/posts`,
      },
    });
    props.postsTable.grant(createPost, 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    props.blogBus.grantPutEventsTo(createPost);

    this.posts = new RestResource(this.api.root, 'posts', ['GET', 'POST']);
    this.posts.addFunction('POST', createPost);
  }
}

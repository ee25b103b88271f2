import { permissionsOf } from './permissions.ts';
import { expectMethod, expectPreflight } from './rest-method.ts';

it.each([
  ['GET', '/posts', 'PostApipostsGET', 'PostReadingListPosts'],
  ['GET', '/posts/*', 'PostApipostsidGET', 'PostReadingGetPost'],
])('the REST API gives %s %s to its function, and to nobody else', expectMethod);

it('the REST API lets pages of any origin read a post', () => {
  expectPreflight('PostApipostsidOPTIONS', 'GET');
});

it('lets get-post do what it does, on that resource, and nothing else', () => {
  expect(permissionsOf('get-post')).toEqual(['dynamodb:GetItem <PostsTable.Arn>']);
});

it('lets list-posts do what it does, on that resource, and nothing else', () => {
  expect(permissionsOf('list-posts')).toEqual([
    'dynamodb:BatchGetItem <PostsTable.Arn>',
    'dynamodb:Query <PostsTable.Arn>/index/byAuthor',
    'dynamodb:Query <PostsTable.Arn>/index/byTime',
    'dynamodb:Query <PostsTable.Arn>/index/byTopic',
  ]);
});

import { permissionsOf } from './permissions.ts';
import { expectMethod, expectPreflight } from './rest-method.ts';

it.each([
  ['GET', '/posts', 'PostApipostsGET', 'PostReadingListPosts'],
  ['GET', '/posts/*', 'PostApipostsidGET', 'PostReadingGetPost'],
])('the REST API routes %s %s to its function only', expectMethod);

it('the REST API allows pages of any origin to read a post', () => {
  expectPreflight('PostApipostsidOPTIONS', 'GET');
});

it('grants get-post exactly the permissions that it needs', () => {
  expect(permissionsOf('get-post')).toEqual(['dynamodb:GetItem <PostsTable.Arn>']);
});

it('grants list-posts exactly the permissions that it needs', () => {
  expect(permissionsOf('list-posts')).toEqual([
    'dynamodb:BatchGetItem <PostsTable.Arn>',
    'dynamodb:Query <PostsTable.Arn>/index/byAuthor',
    'dynamodb:Query <PostsTable.Arn>/index/byTime',
    'dynamodb:Query <PostsTable.Arn>/index/byTopic',
  ]);
});

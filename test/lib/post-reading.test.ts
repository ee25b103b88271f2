import { expectMethod, expectPreflight } from './rest-method.ts';

it.each([
  ['GET', '/posts', 'PostApipostsGET', 'PostReadingListPosts'],
  ['GET', '/posts/*', 'PostApipostsidGET', 'PostReadingGetPost'],
])('the REST API gives %s %s to its function, and to nobody else', expectMethod);

it('the REST API lets pages of any origin read a post', () => {
  expectPreflight('PostApipostsidOPTIONS', 'GET');
});

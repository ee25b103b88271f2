import * as fc from 'fast-check';
import { Topic } from '../../model/post.ts';
import { feedPath, postPath, routeOf } from '../../web/route.ts';

const route = (path: string) => routeOf(new URL(path, 'http://localhost:3001'));
const id = '01990000-0000-7000-8000-000000000001';

it('recognizes the feed and the pages of posts', () => {
  expect(route('/')).toEqual({ view: 'feed', filter: {} });
  expect(route('/?topic=Summer')).toEqual({ view: 'feed', filter: { topic: 'summer' } });
  expect(route('/?author=hunter+s+thompson')).toEqual({
    view: 'feed',
    filter: { author: 'hunter s thompson' },
  });
  expect(route('/?name=Joe&from=a+mail')).toEqual({ view: 'feed', filter: { name: 'Joe' } });
  expect(route(`/p/${id}`)).toEqual({ view: 'post', id });
});

it.each([
  '/elsewhere',
  '/p/',
  '/p/nope',
  '/p/%',
  `/p/${id}/more`,
  '/?topic=',
  `/?topic=${'x'.repeat(51)}`,
  '/?author=',
  '/?name=',
  '/?topic=summer&author=Joe',
])('finds no page at %s', (path) => {
  expect(route(path)).toEqual({ view: 'not-found' });
});

it('builds the path of a post and of any topic', () => {
  expect(route(postPath(id))).toEqual({ view: 'post', id });
  const topics = fc.string({ unit: 'grapheme' }).map((text) => Topic.safeParse(text).data);
  fc.assert(
    fc.property(topics, (topic) => {
      fc.pre(topic !== undefined);
      expect(route(feedPath({ topic }))).toEqual({ view: 'feed', filter: { topic } });
      expect(route(feedPath({ name: topic }))).toEqual({ view: 'feed', filter: { name: topic } });
    }),
  );
});

import { completions, topicCounts } from '../../web/topic-counts.ts';
import { examplePost } from './example-posts.ts';

it('counts the posts of each topic, the most frequent first, then by name', () => {
  const topics = ['sea', 'food', 'sea', 'art'];
  expect(topicCounts(topics.map((topic, n) => examplePost(n, { topic })))).toEqual([
    { topic: 'sea', count: 2 },
    { topic: 'art', count: 1 },
    { topic: 'food', count: 1 },
  ]);
});

it.each([
  ['', ['sea', 'food']],
  ['Sea, f', ['Sea, food']],
  ['art,food ,', ['art,food ,sea']],
])('completes %j with the topics that it does not name and that a list can name', (typed, expected) => {
  expect(completions(typed, ['sea', 'paris, texas', 'food'])).toEqual(expected);
});

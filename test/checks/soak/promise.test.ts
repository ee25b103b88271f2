import { checks, mailKey, type Outcome } from '../../../checks/soak/promise.ts';
import type { Post } from '../../../model/post.ts';

const content = {
  author: 'hunter s thompson',
  title: 'Title',
  body: 'Joe is going to Spain',
  topic: 'summer',
};
const created = {
  id: '01a206e9-b3dd-7749-b9ee-0ebdb3f619f1',
  createdAt: '2026-01-31T09:30:00.000Z',
  ...content,
};
const { id } = created;
const enriched: Post = { ...created, entities: { locations: ['Spain'], persons: ['Joe'] } };
const address = 'reader@example.com';
const submission = { content, key: 'key', answers: [created, created] };
const stored = { post: enriched, revision: 2, marked: false };
const client = {
  name: 'client',
  isOpen: true,
  openedAt: Date.parse(created.createdAt) - 1,
  wants: 'all' as const,
  asked: new Set<string>(),
  told: new Map([[id, { revision: 2, post: enriched }]]),
  toldRemoved: new Set<string>(),
};
const blind = { ...client, told: new Map() };

const kept: Outcome = {
  submissions: [submission, { content: { ...content, title: 'Refused' }, key: undefined, answers: [] }],
  unexpected: [],
  stored: new Map([[id, stored]]),
  removed: new Map(),
  readers: [
    { address, topic: 'summer' },
    { address: 'other@example.com', topic: 'winter' },
  ],
  mails: new Map([[mailKey(address, id), 2]]),
  clients: [client],
  queues: new Map([['Failures', 0]]),
  losses: [],
};

/** Returns the broken promises. */
function broken(outcome: Outcome): string[] {
  return checks.filter(({ violations }) => violations(outcome).length > 0).map(({ promise }) => promise);
}

it('passes if every promise is kept', () => {
  expect(broken(kept)).toEqual([]);
});

const second = '01a206e9-b3dd-7749-b9ee-0ebdb3f619f2';

it.each<[string, Partial<Outcome>, string[]]>([
  [
    'an answered post is not stored',
    { stored: new Map() },
    ['every post answered 201 is saved as it was sent'],
  ],
  [
    'an answer says something else than was sent',
    { submissions: [{ ...submission, content: { ...content, body: 'Other' } }] },
    ['every post answered 201 is saved as it was sent'],
  ],
  [
    'a post is stored with another content than was answered',
    {
      stored: new Map([[id, { ...stored, post: { ...enriched, body: 'Other' } }]]),
      clients: [],
    },
    ['every post answered 201 is saved as it was sent'],
  ],
  [
    'a replay gives another post',
    {
      submissions: [{ ...submission, answers: [created, { ...created, id: second }] }],
      stored: new Map([
        [id, stored],
        [second, { ...stored, post: { ...enriched, id: second, topic: 'autumn' } }],
      ]),
      clients: [],
    },
    [
      'every post answered 201 is saved as it was sent',
      'a repeated request is answered with the very same post',
      'a key makes one post',
    ],
  ],
  [
    'a key makes two posts',
    {
      stored: new Map([
        [id, stored],
        [second, { ...stored, post: { ...enriched, id: second } }],
      ]),
      mails: new Map([
        [mailKey(address, id), 1],
        [mailKey(address, second), 1],
      ]),
      clients: [],
    },
    ['a key makes one post'],
  ],
  ['an author is refused', { unexpected: ['404'] }, ['authors and clients are answered as documented']],
  ['a marker is left', { stored: new Map([[id, { ...stored, marked: true }]]) }, ['no marker is left']],
  ['a mail is missing', { mails: new Map() }, ['every post is mailed to each reader of its topic']],
  [
    'a post is not enriched',
    { stored: new Map([[id, { post: created, revision: 1, marked: false }]]), clients: [] },
    ['every post is enriched or marked'],
  ],
  [
    'a client is not connected',
    { clients: [{ ...client, isOpen: false }] },
    ['every client is connected in the end'],
  ],
  ['a client has seen nothing', { clients: [blind] }, ['every client has seen the last state of its posts']],
  [
    'a client has seen an earlier revision last',
    { clients: [{ ...client, told: new Map([[id, { revision: 1, post: created }]]) }] },
    ['every client has seen the last state of its posts'],
  ],
  [
    'a client has seen another content',
    { clients: [{ ...client, told: new Map([[id, { revision: 2, post: created }]]) }] },
    ['every client has seen the last state of its posts'],
  ],
  [
    'a client of the topic has seen nothing',
    { clients: [{ ...blind, wants: { topic: 'summer' } }] },
    ['every client has seen the last state of its posts'],
  ],
  [
    'a client that came later has asked and was not told',
    { clients: [{ ...blind, wants: 'none', openedAt: Number.POSITIVE_INFINITY, asked: new Set([id]) }] },
    ['every client has seen the last state of its posts'],
  ],
  [
    'a client does not know that a post is removed',
    { submissions: [], stored: new Map(), removed: new Map([[id, created]]) },
    ['every client knows which of its posts are removed'],
  ],
  ['a queue holds a message', { queues: new Map([['Failures', 1]]) }, ['every queue is empty']],
  ['the log reports a loss', { losses: ['LOST a mail'] }, ['the local cloud has lost nothing']],
])('fails if %s', (_, change, promises) => {
  expect(broken({ ...kept, ...change })).toEqual(promises);
});

it.each<[string, Partial<Outcome>]>([
  ['that connected after the post', { clients: [{ ...blind, openedAt: Date.parse(created.createdAt) }] }],
  ['of another topic', { clients: [{ ...blind, wants: { topic: 'winter' } }] }],
  ['that has not asked', { clients: [{ ...blind, wants: 'none' }] }],
])('expects nothing of a client %s', (_, change) => {
  expect(broken({ ...kept, ...change })).toEqual([]);
});

it('accepts a post without an answer as stored or not, and requires its announcement if it is stored', () => {
  const unanswered = { submissions: [{ ...submission, key: undefined, answers: [] }] };
  expect(broken({ ...kept, ...unanswered, stored: new Map(), clients: [] })).toEqual([]);
  expect(broken({ ...kept, ...unanswered })).toEqual([]);
  expect(broken({ ...kept, ...unanswered, mails: new Map() })).toEqual([
    'every post is mailed to each reader of its topic',
  ]);
});

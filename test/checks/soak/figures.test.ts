import { figuresOf, missing, type Traffic } from '../../../checks/soak/figures.ts';
import { checks } from '../../../checks/soak/promise.ts';

const post = {
  id: '01a206e9-b3dd-7749-b9ee-0ebdb3f619f1',
  createdAt: '2026-01-31T09:30:00.000Z',
  author: 'hunter s thompson',
  title: 'Title',
  body: 'Joe is going to Spain',
  topic: 'summer',
};
const marked = { ...post, enrichment: { status: 'failed' as const, reason: 'It is too long.' } };
const authors = { refused: 1, retried: 1, replays: 1, conflicts: 1 };
const watcher = { pushes: 2, repeats: 1, connects: 2, refused: 1, pongs: 1 };

const full: Traffic = {
  outcome: {
    submissions: [{ content: post, key: undefined, answers: [post] }],
    stored: new Map([[post.id, { post: marked, revision: 2, marked: false }]]),
    mails: new Map([['reader', 2]]),
  },
  authors,
  watchers: [watcher],
  strikes: new Map([
    ['crash', 1],
    ['drop', 1],
  ]),
  deadLetters: 1,
};

it('misses nothing after traffic of every kind and strikes of every fault', () => {
  expect(missing(figuresOf(full))).toEqual([]);
});

it.each<[string, Partial<Traffic>]>([
  ['no posts answered 201', { outcome: { ...full.outcome, submissions: [] } }],
  ['no posts refused: 5xx, 429 or no answer', { authors: { ...authors, refused: 0 } }],
  ['no posts retried under their key', { authors: { ...authors, retried: 0 } }],
  ['no replays', { authors: { ...authors, replays: 0 } }],
  ['no other posts under a key: 422', { authors: { ...authors, conflicts: 0 } }],
  [
    'no posts marked as not to be enriched',
    { outcome: { ...full.outcome, stored: new Map([[post.id, { post, revision: 1, marked: false }]]) } },
  ],
  ['no repeated mails', { outcome: { ...full.outcome, mails: new Map([['reader', 1]]) } }],
  ['no pushes', { watchers: [{ ...watcher, pushes: 0 }] }],
  ['no repeated pushes', { watchers: [{ ...watcher, repeats: 0 }] }],
  ['no reconnects', { watchers: [{ ...watcher, connects: 1 }] }],
  ['no refused connects', { watchers: [{ ...watcher, refused: 0 }] }],
  ['no pings answered', { watchers: [{ ...watcher, pongs: 0 }] }],
  [
    'no strikes of drop',
    {
      strikes: new Map([
        ['crash', 1],
        ['drop', 0],
      ]),
    },
  ],
  ['no dead letters redriven', { deadLetters: 0 }],
])('reports that there were %s', (name, change) => {
  expect(missing(figuresOf({ ...full, ...change }))).toEqual([name]);
});

it('misses every figure if nothing happened, although no promise is broken', () => {
  const nothing = {
    ...{
      submissions: [],
      unexpected: [],
      stored: new Map(),
      removed: new Map(),
      readers: [],
      mails: new Map(),
    },
    ...{ clients: [], queues: new Map(), losses: [] },
  };
  expect(checks.flatMap(({ violations }) => violations(nothing))).toEqual([]);
  const idle = figuresOf({
    ...{ outcome: nothing, watchers: [], strikes: new Map([['crash', 0]]), deadLetters: 0 },
    authors: { refused: 0, retried: 0, replays: 0, conflicts: 0 },
  });
  expect(missing(idle)).toHaveLength(idle.size);
});

/** A post in which Comprehend finds a person and a place. */
export const examplePost = {
  author: 'hunter s thompson',
  title: 'Title',
  body: 'Joe is going to Spain',
  topic: 'summer',
};

/** Posts that name people and places, to fill a feed. */
export const exampleFeed = [
  {
    author: 'hunter s thompson',
    title: 'The road south',
    body: 'Joe is going to Spain, and Maria meets him in Madrid.',
    topic: 'summer',
  },
  {
    author: 'nellie bly',
    title: 'Around the world',
    body: 'Phileas left London for Paris. Nellie was in Egypt by then, and Jules waited in Amiens.',
    topic: 'travel',
  },
  {
    author: 'george orwell',
    title: 'A nice cup of tea',
    body: 'Eric drank it in Burma, in Catalonia and in London, and never with sugar.',
    topic: 'kitchen',
  },
];

/** An idempotency key for the post. The ID of the post is derived from the key. */
export const exampleKey = '8e03978e-40d5-43e8-bc93-6894a57f9324';

/** The response to the author. */
export const exampleCreatedPost = {
  id: '72c7c55d-b7d7-52b2-850a-ae88b2b7319d',
  createdAt: '2026-01-31T09:30:00.000Z',
  ...examplePost,
};

/** The post after its enrichment. */
export const exampleEnrichedPost = {
  ...exampleCreatedPost,
  entities: { locations: ['Spain'], persons: ['Joe'] },
};

/** A subscription to the e-mails of a topic. */
export const exampleSubscription = { email: 'reader@example.com', topics: ['summer'] };

/**
 * The `nextCursor` of a page of posts that ends with the example post. No deployment accepts it.
 */
export const exampleCursor =
  'MjAyNi0wMS0zMVQwOTozMDowMC4wMDBaIzcyYzdjNTVkLWI3ZDctNTJiMi04NTBhLWFlODhiMmI3MzE5ZCNYUnZxN2pkRnFVRm9XcU5ZelNWZHdX';

/** The response to a post with an empty title and without a topic. */
export const exampleProblem = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'The request has fields that are not valid.',
  errors: [
    { path: '/title', message: 'must not be empty' },
    { path: '/topic', message: 'is required' },
  ],
};

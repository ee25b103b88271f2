/** What an author sends, of which Comprehend finds a person and a place. */
export const examplePost = {
  author: 'hunter s thompson',
  title: 'Title',
  body: 'Joe is going to Spain',
  topic: 'summer',
};

/** Posts that name people and places, for a feed to look at. */
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

/** A key that an author sends with it. The id of the post follows from it. */
export const exampleKey = '8e03978e-40d5-43e8-bc93-6894a57f9324';

/** What the author is answered. */
export const exampleCreatedPost = {
  id: '72c7c55d-b7d7-52b2-850a-ae88b2b7319d',
  createdAt: '2026-01-31T09:30:00.000Z',
  ...examplePost,
};

/** What readers see once it is enriched. */
export const exampleEnrichedPost = {
  ...exampleCreatedPost,
  entities: { locations: ['Spain'], persons: ['Joe'] },
};

/** What a reader sends who wants a mail for each new post. */
export const exampleSubscription = { email: 'reader@example.com', topics: ['summer'] };

/** The `nextCursor` of a page of posts that ends with the example post. It holds for no deployment. */
export const exampleCursor =
  'MjAyNi0wMS0zMVQwOTozMDowMC4wMDBaIzcyYzdjNTVkLWI3ZDctNTJiMi04NTBhLWFlODhiMmI3MzE5ZCNYUnZxN2pkRnFVRm9XcU5ZelNWZHdX';

/** What the author of a post is answered whose title is empty, and that names no topic. */
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

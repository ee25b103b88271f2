import * as z from 'zod/mini';

/** A string that a request has to have, with messages that fit behind the name of its field. */
export const string = z.string({
  error: ({ input }) => (input === undefined ? 'is required' : 'must be a string'),
});

const notEmpty = z.minLength(1, 'must not be empty');

/** DynamoDB stores UTF-8, which has no form for half a surrogate pair. */
const wellFormed = z.refine<string>(
  (value) => value.isWellFormed(),
  'must not contain an unpaired surrogate',
);

/**
 * A text without control characters. It is written so that it means the same with and without the flag `u`, and in other
 * languages: the published schemas have it as their pattern.
 */
const uncontrolled = String.raw`^[^\x00-\x1f\x7f-\x9f]*$`;

/** What holds for a text of one line. Zod counts Unicode code points, as JSON Schema's `maxLength` does. */
const line = (max: number) =>
  [
    notEmpty,
    z.maxLength(max, `must be at most ${max} characters`),
    z.regex(new RegExp(uncontrolled), 'must not contain control characters'),
    wellFormed,
  ] as const;

/**
 * A topic in the one form in which it is stored, filtered by and subscribed to: SNS compares case-sensitively, so
 * `Summer` and `summer` have to become the same text. Lower-casing can undo NFC, hence the second time.
 */
export const Topic = string.check(
  z.trim(),
  z.overwrite((topic) => topic.normalize('NFC').toLowerCase().normalize('NFC')),
  ...line(50),
);

/** The id of a post, a UUID in lower case. */
export const PostId = z.uuid('must be a UUID').check(z.toLowerCase());

/** The languages whose entities Comprehend finds (API reference, `DetectEntities`, `LanguageCode`). */
const languages = ['ar', 'de', 'en', 'es', 'fr', 'hi', 'it', 'ja', 'ko', 'pt', 'zh', 'zh-TW'] as const;

/** What an author sends. Unknown fields are dropped, so a client cannot set what is the server's. */
export const NewPost = z.object({
  author: string.check(z.trim(), ...line(100)),
  title: string.check(z.trim(), ...line(200)),
  body: string.check(z.trim(), notEmpty, wellFormed),
  topic: Topic,
  /** The language of `body`; English when absent. */
  language: z.optional(z.enum(languages, `must be one of ${languages.join(', ')}`)),
});
export type NewPost = z.infer<typeof NewPost>;

const Names = z.array(z.string());

/** What a post names, in order of first mention. A group other than the first two is present only with a name in it. */
export const Entities = z.object({
  locations: Names,
  persons: Names,
  organizations: z.optional(Names),
  commercialItems: z.optional(Names),
  events: z.optional(Names),
  dates: z.optional(Names),
  quantities: z.optional(Names),
  titles: z.optional(Names),
  others: z.optional(Names),
});
export type Entities = z.infer<typeof Entities>;

/** Stands in place of `entities` in a post that can never be enriched. `reason` is a sentence for its author. */
export const FailedEnrichment = z.object({ status: z.literal('failed'), reason: z.string() });
export type FailedEnrichment = z.infer<typeof FailedEnrichment>;

/**
 * A post as readers see it. What the table stores besides (`revision`, `updatedAt`, markers) is not part of it:
 * parsing a stored item drops that.
 */
export const Post = z.object({
  id: PostId,
  /** When it was saved: ISO 8601, UTC, with milliseconds. */
  createdAt: z.iso.datetime({ precision: 3 }),
  ...NewPost.shape,
  entities: z.optional(Entities),
  enrichment: z.optional(FailedEnrichment),
});
export type Post = z.infer<typeof Post>;

/** A post as it was when it was created, which its author was answered, whatever enrichment has added to it since. */
export const CreatedPost = z.omit(Post, { entities: true, enrichment: true });
export type CreatedPost = z.infer<typeof CreatedPost>;

const maxPageSize = 100;
const pageSizeRule = `must be a whole number from 1 to ${maxPageSize}`;

/** What a reader says in the parameters of `GET /posts`: of which posts, and which page. Others are dropped. */
export const PostQuery = z
  .object({
    topic: z.optional(Topic),
    /** In the author's own spelling, upper and lower case included. */
    author: z.optional(NewPost.shape.author),
    /** How many posts a page has at most. */
    limit: z._default(
      z.pipe(
        z.pipe(z.string().check(z.regex(/^[1-9]\d*$/, pageSizeRule)), z.transform(Number)),
        z.int(pageSizeRule).check(z.minimum(1), z.maximum(maxPageSize, pageSizeRule)),
      ),
      20,
    ),
    /** The `nextCursor` of the page before. */
    cursor: z.optional(z.string()),
  })
  .check(
    z.refine(({ topic, author }) => topic === undefined || author === undefined, {
      path: ['author'],
      message: 'must not be given together with topic',
      // Also when another field is not valid: all are told at once.
      when: () => true,
    }),
  );
export type PostQuery = z.infer<typeof PostQuery>;

/** A page of posts, newest first. The last one has no `nextCursor`. */
export const PostPage = z.object({ posts: z.array(Post), nextCursor: z.optional(z.string()) });
export type PostPage = z.infer<typeof PostPage>;

/** The `revision` of a stored post counts the changes that a reader can see. */
export const Revision = { created: 1, enriched: 2 } as const;

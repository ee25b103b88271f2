import * as z from 'zod/mini';

/** A required string. The error messages continue a sentence that begins with the field's name. */
export const string = z.string({
  error: ({ input }) => (input === undefined ? 'is required' : 'must be a string'),
});

const notEmpty = z.minLength(1, 'must not be empty');

/** DynamoDB stores UTF-8, which cannot encode an unpaired surrogate. */
const wellFormed = z.refine<string>(
  (value) => value.isWellFormed(),
  'must not contain an unpaired surrogate',
);

/**
 * A pattern of texts without control characters. It means the same with and without the flag `u`
 * and in other languages, because the published schemas use it.
 */
const uncontrolled = String.raw`^[^\x00-\x1f\x7f-\x9f]*$`;

/**
 * Returns the checks of a text of one line. Zod counts Unicode code points, as JSON Schema's
 * `maxLength` does.
 */
const line = (max: number) =>
  [
    notEmpty,
    z.maxLength(max, `must be at most ${max} characters`),
    z.regex(new RegExp(uncontrolled), 'must not contain control characters'),
    wellFormed,
  ] as const;

/** The maximum lengths of the fields of one line, in Unicode code points. */
export const maxLengths = { author: 100, title: 200, topic: 50 } as const;

/**
 * Returns a topic in its normal form, in which it is stored, filtered by and subscribed to: SNS
 * compares case-sensitively, so `Summer` and `summer` become the same text. Lower-casing can undo
 * NFC, so the text is normalised again.
 */
export function normalTopic(topic: string): string {
  return topic.normalize('NFC').toLowerCase().normalize('NFC');
}

/** A topic, which parsing brings into its normal form. */
export const Topic = string.check(z.trim(), z.overwrite(normalTopic), ...line(maxLengths.topic));

/** The ID of a post, a UUID in lower case. */
export const PostId = z.uuid('must be a UUID').check(z.toLowerCase());

/**
 * The languages whose entities Comprehend finds (API reference, `DetectEntities`, `LanguageCode`).
 */
export const languages = ['ar', 'de', 'en', 'es', 'fr', 'hi', 'it', 'ja', 'ko', 'pt', 'zh', 'zh-TW'] as const;

/**
 * A post as its author sends it. Unknown fields are dropped, so a client cannot set the server's
 * fields.
 */
export const NewPost = z.object({
  author: string.check(z.trim(), ...line(maxLengths.author)),
  title: string.check(z.trim(), ...line(maxLengths.title)),
  body: string.check(z.trim(), notEmpty, wellFormed),
  topic: Topic,
  /** The language of `body`, English if absent. */
  language: z.optional(z.enum(languages, `must be one of ${languages.join(', ')}`)),
});
export type NewPost = z.infer<typeof NewPost>;

const Names = z.array(z.string());

/**
 * The names in a post, in order of first mention. A group other than the first two is present only
 * if it has a name.
 */
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

/**
 * Replaces `entities` in a post that can never be enriched. `reason` is a sentence for the author.
 */
export const FailedEnrichment = z.object({ status: z.literal('failed'), reason: z.string() });
export type FailedEnrichment = z.infer<typeof FailedEnrichment>;

/**
 * A post as readers see it. Parsing a stored item drops the other attributes of the table, such as
 * `revision`, `updatedAt` and the outbox marker.
 */
export const Post = z.object({
  id: PostId,
  /** The time of the save: ISO 8601, UTC, with milliseconds. */
  createdAt: z.iso.datetime({ precision: 3 }),
  ...NewPost.shape,
  entities: z.optional(Entities),
  enrichment: z.optional(FailedEnrichment),
});
export type Post = z.infer<typeof Post>;

/** A post as it was created and returned to its author, without what enrichment adds. */
export const CreatedPost = z.omit(Post, { entities: true, enrichment: true });
export type CreatedPost = z.infer<typeof CreatedPost>;

const maxPageSize = 100;
const pageSizeRule = `must be a whole number from 1 to ${maxPageSize}`;

/**
 * The query parameters of `GET /posts`, which select posts and a page. Unknown parameters are
 * dropped.
 */
export const PostQuery = z
  .object({
    topic: z.optional(Topic),
    /** In the author's own spelling; case matters. */
    author: z.optional(NewPost.shape.author),
    /** The maximum number of posts on the page. */
    limit: z._default(
      z.pipe(
        z.pipe(z.string().check(z.regex(/^[1-9]\d*$/, pageSizeRule)), z.transform(Number)),
        z.int(pageSizeRule).check(z.minimum(1), z.maximum(maxPageSize, pageSizeRule)),
      ),
      20,
    ),
    /** The `nextCursor` of the previous page. */
    cursor: z.optional(z.string()),
  })
  .check(
    z.refine(({ topic, author }) => topic === undefined || author === undefined, {
      path: ['author'],
      message: 'must not be given together with topic',
      // Runs even if another field is invalid, because the response lists all invalid fields.
      when: () => true,
    }),
  );
export type PostQuery = z.infer<typeof PostQuery>;

/** A page of posts, newest first. The last page has no `nextCursor`. */
export const PostPage = z.object({ posts: z.array(Post), nextCursor: z.optional(z.string()) });
export type PostPage = z.infer<typeof PostPage>;

/** The values of a stored post's `revision`, which counts the changes that readers see. */
export const Revision = { created: 1, enriched: 2 } as const;

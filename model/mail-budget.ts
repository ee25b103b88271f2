/**
 * The maximum number of posts that are mailed in any one second: by `POST /posts`, the relay and the
 * redrive together. SNS suspends an e-mail subscription that receives more than 10 messages a second
 * (AWS General Reference, "Amazon SNS endpoints and quotas"), and a subscriber can follow all posts.
 * The rest is for what the stack does not control: docs/scaling.md lists it.
 */
export const mailsPerSecond = 8;

/** The share of the relay, and that of the redrive, in posts a second: one post at a time. */
const paced = 1;

/** The pause of the relay and of the redrive after each post that is mailed, in milliseconds. */
export const mailPause = 1000 / paced;

/** The share of new posts in any one second. */
export const newPostsPerSecond = mailsPerSecond - 2 * paced;

/**
 * The throttle of `POST /posts`. A token bucket accepts up to the burst and the rate together in one
 * second.
 */
export const newPosts = { rate: newPostsPerSecond / 2, burst: newPostsPerSecond / 2 };

/** The maximum number of posts that are mailed in any one minute. */
export const mailsPerMinute = newPosts.burst + 60 * (newPosts.rate + 2 * paced);

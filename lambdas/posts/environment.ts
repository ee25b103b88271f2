/** The environment variable with the name of the Posts table. */
export const POSTS_TABLE = 'POSTS_TABLE';

/** The environment variable with the URL of `/posts`, without a slash at the end. */
export const POSTS_URL = 'POSTS_URL';

/** The environment variable with the name of the Posts table. */
export const POSTS_TABLE = 'POSTS_TABLE';

/** The environment variable with the name of the blog bus. */
export const BLOG_BUS = 'BLOG_BUS';

/** The environment variable with the name of the WebSocket bus. */
export const WEBSOCKET_BUS = 'WEBSOCKET_BUS';

/** The environment variable with the URL of the queue of updates that can never be published. */
export const UNPUBLISHED_UPDATES_QUEUE = 'UNPUBLISHED_UPDATES_QUEUE';

import * as z from 'zod/mini';
import { Post } from './post.ts';

/** From a WebSocket client: asks for a `Pong`, which also keeps the connection from being closed as idle. */
export const Ping = z.object({ action: z.literal('ping') });

/** To a WebSocket client: the answer to a `Ping`. */
export const Pong = z.object({ type: z.literal('pong') });
export type Pong = z.infer<typeof Pong>;

/** To a WebSocket client: its last message was not understood, and why. The connection stays open. */
export const ErrorMessage = z.object({ type: z.literal('error'), message: z.string() });
export type ErrorMessage = z.infer<typeof ErrorMessage>;

/** To a WebSocket client: the state of a post. A client ignores a revision not above the last it saw of that post. */
export const PostUpdated = z.object({ type: z.literal('post.updated'), revision: z.int(), post: Post });
export type PostUpdated = z.infer<typeof PostUpdated>;

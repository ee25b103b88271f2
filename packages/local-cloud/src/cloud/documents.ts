import { answerJson } from '../http/http-server.ts';
import type { Routes } from '../http/routes.ts';
import type { LocalUrls } from './localize.ts';

/** Functions that make JSON documents, by path, e.g. `/openapi.json`. */
export type Documents = Readonly<Record<string, (urls: LocalUrls) => Promise<object>>>;

/**
 * Returns the routes of an app's documents. Pages of any origin, such as editors, can load them.
 * They have no counterpart in AWS: no API of the stack has these paths.
 */
export function documentRoutes(documents: Documents, urls: LocalUrls): Routes {
  return Object.fromEntries(
    Object.entries(documents).map(([path, make]) => [
      `GET ${path}`,
      async ({ response }) => {
        response.setHeader('Access-Control-Allow-Origin', '*');
        answerJson(response, 200, await make(urls));
      },
    ]),
  );
}

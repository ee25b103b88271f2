import type { LocalCloudConfig } from 'local-cloud/config';
import { exampleFeed, examplePost, exampleSubscription } from './contracts/examples.ts';

function curl(url: string, body: object): string {
  return `curl -s -X POST ${url} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
}

/**
 * Configures the local cloud for the blog. Modules that are slow to load are imported when they are
 * needed.
 */
const config: LocalCloudConfig = {
  sources: ['bin', 'lib', 'lambdas', 'model', 'web', 'cdk.json', 'package-lock.json', 'tsconfig.json'],
  functions: {
    folders: ['lambdas', 'model'],
    bundle: async (outDir) => (await import('./bin/bundle-handlers.ts')).bundleHandlers(outDir),
  },
  webPage: {
    folders: ['web', 'model'],
    bundle: async (outDir) => (await import('./bin/bundle-web-page.ts')).bundleWebPage(outDir),
  },
  exampleRequest: { name: 'post', method: 'POST', path: '/posts', bodies: exampleFeed },
  commands: ({ restApi, webSocketApi }) => [
    { title: 'Listen', command: `npx wscat -c ${webSocketApi}` },
    {
      title: 'Subscribe to a topic, then confirm in the inbox',
      command: curl(`${restApi}/subscriptions`, exampleSubscription),
    },
    { title: 'Post', command: curl(`${restApi}/posts`, examplePost) },
  ],
  documents: {
    '/openapi.json': async ({ restApi }) => {
      const { openApi } = await import('./contracts/openapi.ts');
      return { ...openApi, servers: [{ url: restApi, description: 'The local cloud' }] };
    },
    '/asyncapi.json': async ({ webSocketApi = '', aws }) => {
      const { asyncApi } = await import('./contracts/asyncapi.ts');
      const awsEndpoint = { host: new URL(aws).host, description: 'The AWS endpoint of the local cloud' };
      return {
        ...asyncApi,
        servers: {
          webSocketApi: { host: new URL(webSocketApi).host, protocol: 'ws', description: 'The local cloud' },
          eventBridge: { ...awsEndpoint, protocol: 'eventbridge' },
          sns: { ...awsEndpoint, protocol: 'sns' },
        },
      };
    },
  },
};

export default config;

import type { Faults } from '../core/faults.ts';
import { lockFolder } from '../core/folder-lock.ts';
import { listen, portOf, refuseUpgrade, serve, serveUpgrades } from '../http/http-server.ts';
import { match } from '../http/routes.ts';
import { DistributionResource } from '../services/cloudfront/cloudfront-resources.ts';
import type { Distribution } from '../services/cloudfront/distribution.ts';
import { loadLanguageModel } from '../services/comprehend/comprehend.ts';
import type { Lambda } from '../services/lambda/lambda.ts';
import type { Template } from '../template/template.ts';
import { answerLocalPage, isForLocalPage } from './local-pages.ts';
import type { LocalUrls, Ports } from './localize.ts';
import { openTemplate } from './open-template.ts';
import { openServices, type ServiceOptions } from './services.ts';

/** A running local cloud. */
export interface Cloud {
  urls: LocalUrls;
  /** The stack's outputs, with the URLs of this machine. */
  outputs: Record<string, string>;
  faults: Faults;
  /** The reasons why edited sources do not compile, by what they are; `/_local/health` shows them. */
  buildFailures: Map<string, string>;
  lambda: Lambda;
  /** Served on the page's port, which is not used if the template has no web page. */
  webPage: Distribution | undefined;
  /** Loads what the first requests would otherwise wait for. */
  warmUp(): Promise<void>;
  /** Stops everything, and frees ports and files. */
  close(): Promise<void>;
}

/**
 * Runs a cloud assembly on this machine.
 * @throws {PortError} if a port is in use
 * @throws {TemplateError} if the template contains anything that the local cloud does not support
 * @throws {Error} one line, if another local cloud uses the data
 */
export async function startCloud(options: ServiceOptions & Ports): Promise<Cloud> {
  const template = openTemplate(options.assembly, options.skipUnsupported);
  const unlock = lockFolder(options.data);
  try {
    const { close, ...cloud } = await serveCloud(template, options);
    return { ...cloud, close: () => close().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function serveCloud(template: Template, options: ServiceOptions & Ports): Promise<Cloud> {
  const { log } = options;
  const hasPage = template.resources(DistributionResource).length > 0;
  const publicServer = await listen(options.port);
  const awsServer = await listen(options.awsPort);
  const pageServer = hasPage ? await listen(options.pagePort) : undefined;
  const ports = {
    port: portOf(publicServer),
    awsPort: portOf(awsServer),
    pagePort: pageServer ? portOf(pageServer) : options.pagePort,
  };
  const opening = openServices(template, options, ports);
  // Requests that arrive earlier wait until the services are open.
  serve(awsServer, async (request, response) => (await opening).awsPort.handle(request, response));
  serve(publicServer, async (request, response) => {
    const { restApi, pages, documents, skippedApis } = await opening;
    const document = match(documents, request);
    if (isForLocalPage(request)) await answerLocalPage(request, response, pages);
    else if (document) await document.answer({ request, response, ...document });
    else if (restApi) await restApi.handle(request, response);
    else response.writeHead(404).end(skippedApis.join('\n'));
  });
  if (pageServer)
    serve(pageServer, async (request, response) => (await opening).webPage?.handle(request, response));
  serveUpgrades(publicServer, (request, socket, head) =>
    opening
      .then(async ({ webSocketApi }) => {
        if (webSocketApi) await webSocketApi.upgrade(request, socket, head);
        else refuseUpgrade(socket, 404);
      })
      .catch((error: unknown) => {
        log.error('websocket', `the handshake failed: ${error}`);
        socket.destroy();
      }),
  );
  const closeServers = (): void => {
    for (const server of [publicServer, awsServer, pageServer]) {
      server?.close();
      server?.closeAllConnections();
    }
  };
  const { urls, outputs, faults, buildFailures, lambda, webPage, close } = await opening.catch(
    (error: unknown) => {
      closeServers();
      throw error;
    },
  );
  return {
    urls,
    outputs,
    faults,
    buildFailures,
    lambda,
    webPage,
    warmUp: loadLanguageModel,
    async close() {
      closeServers();
      await close();
    },
  };
}

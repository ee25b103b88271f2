import { RestApiResource, RestStageResource } from '../services/apigateway/rest-resources.ts';
import { WebSocketApiResource, WebSocketStageResource } from '../services/apigateway/websocket-resources.ts';
import { DistributionResource, distributionDomain } from '../services/cloudfront/cloudfront-resources.ts';
import type { Account } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';

/** The URLs of this machine, none with a slash at its end. */
export interface LocalUrls {
  /** The port of the APIs and of `/_local/`. */
  local: string;
  /** The endpoint for SDKs and the AWS CLI. */
  aws: string;
  /** Absent, as the next two, when the stack has no such thing. */
  restApi: string | undefined;
  webSocketApi: string | undefined;
  webPage: string | undefined;
}

export interface Ports {
  port: number;
  awsPort: number;
  pagePort: number;
}

/** Returns the URLs of this machine for what a template has. */
export function localUrls(template: Template, { port, awsPort, pagePort }: Ports): LocalUrls {
  const ifAny = (type: Parameters<Template['resources']>[0], url: string): string | undefined =>
    template.resources(type).length > 0 ? url : undefined;
  return {
    local: `http://localhost:${port}`,
    aws: `http://127.0.0.1:${awsPort}`,
    restApi: ifAny(RestApiResource, `http://localhost:${port}`),
    webSocketApi: ifAny(WebSocketApiResource, `ws://localhost:${port}`),
    webPage: ifAny(DistributionResource, `http://localhost:${pagePort}`),
  };
}

/**
 * Puts the URLs of this machine in place of those that AWS gives the stages of APIs, their origins, the distribution and the
 * queues. For the REST API the local cloud stands where a custom domain name would: there is no stage in the path.
 */
export function localizer(account: Account, template: Template, ports: Ports): (value: string) => string {
  const [restApi] = template.resources(RestApiResource);
  const [restStage] = template.resources(RestStageResource);
  const [webSocketApi] = template.resources(WebSocketApiResource);
  const [webSocketStage] = template.resources(WebSocketStageResource);
  const [distribution] = template.resources(DistributionResource);
  const host = (id = '') => `${id}.execute-api.${account.region}.amazonaws.com`;
  return (value) =>
    value
      .replace(`https://${host(restApi?.name)}/${restStage?.name}`, `http://localhost:${ports.port}`)
      .replace(`wss://${host(webSocketApi?.name)}/${webSocketStage?.name}`, `ws://localhost:${ports.port}`)
      .replace(`https://${host(restApi?.name)}`, `http://localhost:${ports.port}`)
      .replace(`wss://${host(webSocketApi?.name)}`, `ws://localhost:${ports.port}`)
      .replace(
        `https://${distributionDomain(distribution?.name ?? '')}`,
        `http://localhost:${ports.pagePort}`,
      )
      .replace(`https://sqs.${account.region}.amazonaws.com`, `http://127.0.0.1:${ports.awsPort}`)
      .replace(`https://${host(webSocketApi?.name)}`, `http://127.0.0.1:${ports.awsPort}`);
}

import { RestApiResource, RestStageResource } from '../services/apigateway/rest-resources.ts';
import { WebSocketApiResource, WebSocketStageResource } from '../services/apigateway/websocket-resources.ts';
import { DistributionResource, distributionDomain } from '../services/cloudfront/cloudfront-resources.ts';
import type { Account, ResourceType } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';

/** The URLs of this machine, without trailing slashes. */
export interface LocalUrls {
  /** The URL of the APIs and of `/_local/`. */
  local: string;
  /** The endpoint for SDKs and the AWS CLI. */
  aws: string;
  /** Absent, like the next two, if the stack has no such resource. */
  restApi: string | undefined;
  webSocketApi: string | undefined;
  webPage: string | undefined;
}

export interface Ports {
  port: number;
  awsPort: number;
  pagePort: number;
}

/** Returns the URLs of this machine for the resources of a template. */
export function localUrls(template: Template, { port, awsPort, pagePort }: Ports): LocalUrls {
  const ifAny = (url: string, ...types: ResourceType[]): string | undefined =>
    types.every((type) => template.resources(type).length > 0) ? url : undefined;
  return {
    local: `http://localhost:${port}`,
    aws: `http://127.0.0.1:${awsPort}`,
    restApi: ifAny(`http://localhost:${port}`, RestApiResource, RestStageResource),
    webSocketApi: ifAny(`ws://localhost:${port}`, WebSocketApiResource, WebSocketStageResource),
    webPage: ifAny(`http://localhost:${pagePort}`, DistributionResource),
  };
}

/**
 * Returns a function that replaces the URLs of AWS with those of this machine: of the stages of
 * APIs, their origins, the distribution and the queues. The local REST API stands for a custom
 * domain name, so its path has no stage.
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

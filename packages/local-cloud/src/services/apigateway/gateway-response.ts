import type { Resource } from '../../template/resource.ts';
import type { GatewayResponseProperties } from './rest-resources.ts';

/** An HTTP answer as API Gateway sends it, as JSON unless a header says otherwise. A name may come several times. */
export interface HttpAnswer {
  status: number;
  headers: [string, string][];
  body: string | Buffer;
}

/**
 * What API Gateway answers without asking an integration, with the status and text it has unless a gateway response
 * of the template says otherwise. Source: API Gateway Developer Guide, "Gateway response types".
 */
export const gatewayResponses = {
  /** Among them an integration that API Gateway may not invoke. */
  API_CONFIGURATION_ERROR: { status: 500, message: 'Internal server error' },
  INTEGRATION_TIMEOUT: { status: 504, message: 'Endpoint request timed out' },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, message: 'Missing Authentication Token' },
  REQUEST_TOO_LARGE: { status: 413, message: 'Request Too Long' },
  THROTTLED: { status: 429, message: 'Too Many Requests' },
  /** A function that fails or answers something that is not a proxy response. It has no type of its own. */
  MALFORMED_PROXY_RESPONSE: { status: 502, message: 'Internal server error' },
};
export type GatewayResponseType = keyof typeof gatewayResponses;

/** The gateway responses of one REST API. */
export class GatewayResponses {
  readonly #resources: ReadonlyMap<string, GatewayResponseProperties>;

  /** @throws if a template or a header uses what is not supported here: only variables below, only fixed headers */
  constructor(resources: Resource<GatewayResponseProperties>[]) {
    this.#resources = new Map(resources.map(({ properties }) => [properties.ResponseType, properties]));
    for (const { logicalId, properties } of resources) {
      const template = properties.ResponseTemplates['application/json'] ?? '';
      const [unknown] = substitute(template, { message: '', type: '', requestId: '' }).match(/[$#]\S*/) ?? [];
      if (unknown)
        throw new Error(`${logicalId} (AWS::ApiGateway::GatewayResponse): ${unknown} is not supported.`);
      fixedHeaders(properties.ResponseParameters, 'gatewayresponse.header.');
    }
  }

  answer(type: GatewayResponseType, requestId: string): HttpAnswer {
    const { status, message } = gatewayResponses[type];
    const settings =
      this.#resources.get(type) ?? this.#resources.get(status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
    const template =
      settings?.ResponseTemplates['application/json'] ?? '{"message":$context.error.messageString}';
    return {
      status: settings?.StatusCode ? Number(settings.StatusCode) : status,
      headers: fixedHeaders(settings?.ResponseParameters ?? {}, 'gatewayresponse.header.'),
      body: substitute(template, { message, type, requestId }),
    };
  }
}

/**
 * The headers that response parameters set, e.g. `gatewayresponse.header.Vary: "'Origin'"`.
 * @throws if one is not a fixed value in single quotes
 */
export function fixedHeaders(parameters: Record<string, string>, prefix: string): [string, string][] {
  return Object.entries(parameters).map(([name, value]) => {
    const fixed = /^'(.*)'$/.exec(value)?.[1];
    if (!name.startsWith(prefix) || fixed === undefined) {
      throw new Error(`The response parameter ${name}: ${value} is not supported.`);
    }
    return [name.slice(prefix.length), fixed];
  });
}

function substitute(
  template: string,
  { message, type, requestId }: Record<'message' | 'type' | 'requestId', string>,
) {
  return template
    .replaceAll('$context.error.messageString', JSON.stringify(message))
    .replaceAll('$context.error.message', message)
    .replaceAll('$context.error.responseType', type)
    .replaceAll('$context.requestId', requestId);
}

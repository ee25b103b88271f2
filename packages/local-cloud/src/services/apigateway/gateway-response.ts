import type { Resource } from '../../template/resource.ts';
import type { GatewayResponseProperties } from './rest-resources.ts';

/**
 * An HTTP response of API Gateway, JSON unless a header says otherwise. A header can occur several
 * times.
 */
export interface HttpAnswer {
  status: number;
  headers: [string, string][];
  body: string | Buffer;
}

/**
 * The responses that API Gateway generates itself, with their default status and text, which a
 * gateway response of the template can change. Source: API Gateway Developer Guide, "Gateway
 * response types".
 */
export const gatewayResponses = {
  /** Also for an integration that API Gateway is not allowed to invoke. */
  API_CONFIGURATION_ERROR: { status: 500, message: 'Internal server error' },
  INTEGRATION_TIMEOUT: { status: 504, message: 'Endpoint request timed out' },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, message: 'Missing Authentication Token' },
  REQUEST_TOO_LARGE: { status: 413, message: 'Request Too Long' },
  THROTTLED: { status: 429, message: 'Too Many Requests' },
  /**
   * A function that fails, or whose result is not a proxy response. AWS has no separate type for
   * it.
   */
  MALFORMED_PROXY_RESPONSE: { status: 502, message: 'Internal server error' },
};
export type GatewayResponseType = keyof typeof gatewayResponses;

/** The gateway responses of one REST API. */
export class GatewayResponses {
  readonly #resources: ReadonlyMap<string, GatewayResponseProperties>;

  /**
   * @throws {Error} if a template uses a variable other than those below, or a header is not fixed
   */
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
 * Returns the headers that response parameters set, e.g. `gatewayresponse.header.Vary: "'Origin'"`.
 * @throws {Error} if a value is not fixed, in single quotes
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

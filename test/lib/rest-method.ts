import { allProperties, properties, textOf } from './stage-template.ts';

/** Expects a method of the REST API to invoke this function, and no other method to invoke it. */
export function expectMethod(method: string, route: string, name: string, handler: string): void {
  const { HttpMethod, Integration } = properties('AWS::ApiGateway::Method', name);
  expect(HttpMethod).toBe(method);
  expect(Integration.Type).toBe('AWS_PROXY');
  expect(textOf(Integration.Uri)).toContain(`/<${handler}Live>/`);
  const sources = allProperties('AWS::Lambda::Permission')
    .filter(({ FunctionName }) => textOf(FunctionName) === `<${handler}Live>`)
    .map(({ SourceArn }) => textOf(SourceArn).split(':').at(-1));
  expect(sources).toEqual([`<PostApi>/<PostApiDeploymentStagedev>/${method}${route}`]);
}

/** Expects the response to `OPTIONS` to allow these methods for pages of any origin. */
export function expectPreflight(name: string, methods: string): void {
  const { Integration } = properties('AWS::ApiGateway::Method', name);
  expect(Integration.IntegrationResponses[0].ResponseParameters).toEqual({
    'method.response.header.Access-Control-Allow-Origin': "'*'",
    'method.response.header.Access-Control-Allow-Methods': `'${methods}'`,
    'method.response.header.Access-Control-Allow-Headers': "'Content-Type,Idempotency-Key,If-None-Match'",
    'method.response.header.Access-Control-Expose-Headers':
      "'Location, ETag, Idempotency-Replayed, Retry-After'",
  });
}

import { allProperties, properties, textOf } from './stage-template.ts';

/** Expects a method of the REST API to invoke this function, and the function to be invoked by no other method. */
export function expectMethod(method: string, route: string, name: string, handler: string): void {
  const { HttpMethod, Integration } = properties('AWS::ApiGateway::Method', name);
  expect(HttpMethod).toBe(method);
  expect(Integration.Type).toBe('AWS_PROXY');
  expect(textOf(Integration.Uri)).toContain(`/<${handler}.Arn>/`);
  const sources = allProperties('AWS::Lambda::Permission')
    .filter(({ FunctionName }) => textOf(FunctionName) === `<${handler}.Arn>`)
    .map(({ SourceArn }) => textOf(SourceArn).split(':').at(-1));
  expect(sources).toEqual([`<PostApi>/<PostApiDeploymentStagedev>/${method}${route}`]);
}

/** Expects the answer to `OPTIONS` to allow pages of any origin these methods. */
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

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { asyncApi } from '../../contracts/asyncapi.ts';
import { openApi } from '../../contracts/openapi.ts';
import { addGatewayResponses } from '../../lib/gateway-responses.ts';
import { wrongWith } from '../../testing/contract.ts';

const operations = Object.values(openApi.paths).flatMap((methods) => Object.values(methods));

it.each([
  ['openapi', openApi],
  ['asyncapi', asyncApi],
])('docs/api/%s.json matches the model, or else run npm run contracts', (name, document) => {
  // Compares the order too, so that a diff shows only the change.
  const committed = JSON.stringify(JSON.parse(readFileSync(`docs/api/${name}.json`, 'utf8')));
  expect(committed).toBe(JSON.stringify(document));
});

it.each([
  ['openapi', openApi],
  ['asyncapi', asyncApi],
])('each pattern of docs/api/%s.json is also valid with the flag u', (_, document) => {
  const patterns = JSON.stringify(document).match(/(?<="pattern":)"(\\.|[^"\\])*"/g) ?? [];
  expect(patterns).not.toEqual([]);
  for (const pattern of patterns) expect(() => new RegExp(JSON.parse(pattern), 'u')).not.toThrow();
});

it('each operation documents the problems that API Gateway returns itself', () => {
  const api = new RestApi(new Stack(), 'Api');
  api.root.addMethod('GET');
  addGatewayResponses(api);
  const found = Object.values(
    Template.fromStack(Stack.of(api)).findResources('AWS::ApiGateway::GatewayResponse'),
  ).map(({ Properties }) => String(Properties.StatusCode));
  expect(found.length).toBeGreaterThan(10);
  // It returns 404 for a path without an operation.
  for (const operation of operations)
    expect(Object.keys(operation.responses)).toEqual(
      expect.arrayContaining(found.filter((status) => status !== '404')),
    );
});

describe('each example matches the schema beside it', () => {
  const contents = operations
    .flatMap(({ requestBody, responses }) => [requestBody, ...Object.values(responses)])
    .concat(Object.values(openApi.components.responses))
    .flatMap((part) => (part && 'content' in part ? Object.values(part.content ?? {}) : []));

  it.each(
    contents.flatMap(({ schema, examples = {} }) =>
      Object.values(examples).map(({ value }) => [schema.$ref, value]),
    ),
  )('in openapi.json: %s', ($ref, value) => {
    expect(wrongWith(value, 'openapi', String($ref))).toBeUndefined();
  });

  it.each(
    Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { parameters }]) =>
        parameters.flatMap(({ name, example }, index) =>
          example === undefined ? [] : [{ method, path, name, example, index }],
        ),
      ),
    ),
  )('in openapi.json: $name of $method $path', ({ method, path, index, example }) => {
    const $ref = `#/paths/${path.replaceAll('/', '~1')}/${method}/parameters/${index}/schema`;
    expect(wrongWith(example, 'openapi', $ref)).toBeUndefined();
  });

  it.each(
    Object.values(asyncApi.components.messages).flatMap(({ payload, examples }) =>
      examples.map((example) => [payload.$ref, example.payload]),
    ),
  )('in asyncapi.json: %s', ($ref, value) => {
    expect(wrongWith(value, 'asyncapi', String($ref))).toBeUndefined();
  });
});

/** Runs a script in a separate process, since the validators are ES modules. */
function run(script: string): unknown {
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  );
}

it('docs/api/openapi.json is valid according to the schema of the OpenAPI Initiative', () => {
  const result = run(`
    import { Validator } from '@seriousme/openapi-schema-validator';
    const result = await new Validator().validate('docs/api/openapi.json');
    console.log(JSON.stringify(result));
  `);
  expect(result).toEqual({ valid: true });
}, 30_000);

it('docs/api/asyncapi.json is valid according to the parser of the AsyncAPI Initiative', () => {
  const diagnostics = run(`
    import { readFileSync } from 'node:fs';
    import { Parser } from '@asyncapi/parser';
    const { diagnostics } = await new Parser().parse(readFileSync('docs/api/asyncapi.json', 'utf8'));
    console.log(JSON.stringify(diagnostics));
  `);
  // Version 3.1 adds nothing that is used here, and fewer tools support it.
  expect(diagnostics).toEqual([expect.objectContaining({ code: 'asyncapi-latest-version' })]);
}, 30_000);

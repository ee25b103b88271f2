import { allProperties, handlerFunctions, resources, textOf } from './stage-template.ts';

const aliases = Object.entries(resources('AWS::Lambda::Alias'));

/** Returns whether a value of the template names an alias. */
function isAlias(value: unknown): boolean {
  const [, name] = /(?:^|\/)<(\w+)>(?:\[6\]:live|\/invocations)?$/.exec(textOf(value)) ?? [];
  return aliases.some(([alias]) => alias === name);
}

it('every function has the alias live, of its present version', () => {
  expect(aliases.map(([name]) => name).sort()).toEqual(
    Object.keys(handlerFunctions())
      .map((name) => `${name}Live`)
      .sort(),
  );
  for (const [name, { Properties }] of aliases) {
    const handler = name.replace(/Live$/, '');
    expect(textOf(Properties.FunctionName)).toBe(`<${handler}>`);
    expect(Properties.FunctionVersion['Fn::GetAtt']).toEqual([
      expect.stringMatching(`^${handler}CurrentVersion`),
      'Version',
    ]);
    expect(Properties.Name).toBe('live');
  }
});

it.each([
  [
    'target of a rule',
    allProperties('AWS::Events::Rule')
      .flatMap(({ Targets }) => Targets)
      .map(({ Arn }) => Arn)
      .filter((arn) => textOf(arn) !== '<PostProcessingTopic>'),
  ],
  [
    'method of the REST API',
    allProperties('AWS::ApiGateway::Method')
      .filter(({ Integration }) => Integration.Type === 'AWS_PROXY')
      .map(({ Integration }) => Integration.Uri),
  ],
  [
    'integration of the WebSocket API',
    allProperties('AWS::ApiGatewayV2::Integration').map(({ IntegrationUri }) => IntegrationUri),
  ],
  [
    'event source mapping',
    allProperties('AWS::Lambda::EventSourceMapping').map(({ FunctionName }) => FunctionName),
  ],
  ['permission', allProperties('AWS::Lambda::Permission').map(({ FunctionName }) => FunctionName)],
])('every %s names an alias', (_, named) => {
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((one) => !isAlias(one))).toEqual([]);
});

it('everything that is invoked asynchronously has retries, a maximum age and a queue for failures', () => {
  const settings = new Map(
    allProperties('AWS::Lambda::EventInvokeConfig').map(({ FunctionName, Qualifier, ...config }) => [
      `${textOf(FunctionName)} ${textOf(Qualifier)}`,
      config,
    ]),
  );
  const asynchronous = allProperties('AWS::Lambda::Permission')
    .filter(({ Principal }) => Principal !== 'apigateway.amazonaws.com')
    .map(({ FunctionName }) => textOf(FunctionName));
  expect(asynchronous.length).toBeGreaterThan(0);
  for (const alias of asynchronous) {
    const handler = alias.replace(/Live>$/, '>');
    // The settings of $LATEST do not apply to an alias.
    expect([alias, settings.get(`${handler} ${alias}[7]`)]).toEqual([
      alias,
      {
        MaximumRetryAttempts: expect.any(Number),
        MaximumEventAgeInSeconds: expect.any(Number),
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      },
    ]);
  }
});

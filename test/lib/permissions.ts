import { allProperties, handlerFunctions, properties, textOf } from './stage-template.ts';

/**
 * Returns the permissions of a handler's function, sorted, e.g. `dynamodb:PutItem <PostsTable.Arn>`. Leaves out the logs and
 * traces that every function writes.
 * @throws {Error} if no function runs the handler, or the function may not write logs and traces
 */
export function permissionsOf(handler: string): string[] {
  const [name, found] =
    Object.entries(handlerFunctions()).find(
      ([, { Properties }]) => Properties.Handler === `${handler}.handler`,
    ) ?? [];
  if (!found) throw new Error(`No function runs ${handler}.`);
  const roleId = textOf(found.Properties.Role).slice(1, -'.Arn>'.length);
  expect(Object.keys(properties('AWS::IAM::Role', roleId))).toEqual(['AssumeRolePolicyDocument']);
  const statements = allProperties('AWS::IAM::Policy')
    .filter(({ Roles }) => Roles.some((role: unknown) => textOf(role) === `<${roleId}>`))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  expect(statements.map(({ Effect }) => Effect)).toEqual(statements.map(() => 'Allow'));
  const allowed = statements.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${textOf(resource)}`)),
  );
  const ofEvery = [
    `logs:CreateLogStream <${name}Logs.Arn>`,
    `logs:PutLogEvents <${name}Logs.Arn>`,
    'xray:PutTelemetryRecords *',
    'xray:PutTraceSegments *',
  ];
  expect(allowed).toEqual(expect.arrayContaining(ofEvery));
  return allowed.filter((one) => !ofEvery.includes(one)).sort();
}

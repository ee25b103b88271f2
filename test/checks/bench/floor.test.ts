import type { Step } from 'local-cloud/steps';
import { callsIn } from '../../../checks/bench/calls-of-a-post.ts';
import { sourceOf } from '../../../checks/bench/floor.ts';
import { threadNamesIn } from '../../../checks/bench/thread-names.ts';

const step = (kind: Step['kind'], hop: Step['hop'], payload: unknown): Step => ({
  ...{ id: 1, from: hop.from, to: hop.to, startedAt: 0, outcome: 'ok', attempt: 1 },
  kind,
  hop,
  payload,
});

it('collects the calls of a trace by function', () => {
  const put = { from: 'create', to: 'dynamodb', operation: 'PutItem' };
  const send = { from: 'push', to: 'execute-api', operation: 'PostToConnection' };
  const steps = [
    step('run', { from: 'POST /posts', to: 'create' }, {}),
    step('call', put, { TableName: 'Posts' }),
    step('call', send, { post: 1 }),
    step('call', put, { TableName: 'Others' }),
  ];
  expect(Object.fromEntries(callsIn(steps))).toEqual({
    create: [
      { service: 'dynamodb', operation: 'PutItem', payload: { TableName: 'Posts' } },
      { service: 'dynamodb', operation: 'PutItem', payload: { TableName: 'Others' } },
    ],
    push: [{ service: 'execute-api', operation: 'PostToConnection', payload: { post: 1 } }],
  });
});

it('makes the same calls with one client a service', async () => {
  const source = await sourceOf([
    { service: 'dynamodb', operation: 'GetItem', payload: { TableName: 'Posts' } },
    { service: 'dynamodb', operation: 'GetItem', payload: { TableName: 'Others' } },
    { service: 'execute-api', operation: 'PostToConnection', payload: { post: 1 } },
  ]);
  expect(source.match(/import {.*/g)).toEqual([
    "import { serve } from './checks/bench/floor-function.ts';",
    "import { sdkSettings } from './lambdas/runtime/sdk-settings.ts';",
    "import { DynamoDBClient as dynamodb_Client, GetItemCommand as dynamodb_GetItemCommand } from '@aws-sdk/client-dynamodb';",
    'import { ApiGatewayManagementApiClient as execute_api_Client, PostToConnectionCommand as ' +
      "execute_api_PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';",
  ]);
  expect(source).toContain(
    'new execute_api_PostToConnectionCommand({"ConnectionId":"floor","Data":"{\\"post\\":1}"})',
  );
});

it('takes the last name of a thread, because the system uses its ID again', () => {
  expect(Object.fromEntries(threadNamesIn('7 main\n8 create-post\n9 other workers\n8 get-post\n'))).toEqual({
    7: 'main',
    8: 'get-post',
    9: 'other workers',
  });
});

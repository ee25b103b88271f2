import { Tracer } from '../../../src/core/trace.ts';
import { InvokeApi } from '../../../src/services/lambda/invoke-api.ts';

const lambda = {
  invoke: jest.fn(),
  invokeAsynchronously: jest.fn(),
  function: (name: string) => ({ version: name.endsWith(':live') ? '7' : '$LATEST' }),
};
const api = new InvokeApi(lambda, new Tracer('test'));
const FunctionName = 'arn:aws:lambda:eu-west-1:123456789012:function:act:$LATEST';
const invoker = { name: 'Invoke', cause: { trace: expect.stringMatching(/^[0-9a-f]{24}$/) } };
afterEach(() => jest.resetAllMocks());

it('puts an event into the queue of the function', async () => {
  const output = await api.invoke({ FunctionName, InvocationType: 'Event', Payload: '{"a":1}' });
  expect(output).toEqual({ StatusCode: 202, Payload: '' });
  expect(lambda.invokeAsynchronously).toHaveBeenCalledWith('act:$LATEST', '{"a":1}', invoker);
});

it('waits for the answer otherwise, passing on the cause of the call', async () => {
  lambda.invoke.mockResolvedValueOnce({ ok: true, payload: '[]' });
  const cause = { trace: 'c'.repeat(24) };
  const output = await api.invoke({ FunctionName: 'act', Payload: '' }, cause);
  expect(output).toEqual({ StatusCode: 200, ExecutedVersion: '$LATEST', Payload: '[]' });
  expect(lambda.invoke).toHaveBeenCalledWith('act', {}, { name: 'Invoke', cause });
});

it.each(['text', 5, null, [1], true])('accepts any JSON as an event: %j', async (event) => {
  lambda.invoke.mockResolvedValueOnce({ ok: true, payload: '1' });
  await api.invoke({ FunctionName: 'act', Payload: JSON.stringify(event) });
  expect(lambda.invoke).toHaveBeenCalledWith('act', event, invoker);
});

it.each(['act:live', 'act:live:live', `${FunctionName.replace('$LATEST', 'live')}`])(
  'invokes an alias as %s, and says which version ran',
  async (alias) => {
    lambda.invoke.mockResolvedValueOnce({ ok: true, payload: '[]' });
    const output = await api.invoke({ FunctionName: alias, Payload: '' });
    expect(output).toEqual({ StatusCode: 200, ExecutedVersion: '7', Payload: '[]' });
    expect(lambda.invoke).toHaveBeenCalledWith('act:live', {}, invoker);
  },
);

it('refuses a qualifier that differs from that of the name', async () => {
  await expect(api.invoke({ FunctionName: 'act:live:7', Payload: '' })).rejects.toMatchObject({
    code: 'InvalidParameterValueException',
    message: 'The derived qualifier from the function name does not match the specified qualifier.',
  });
});

it('returns the error of a function that failed', async () => {
  const error = { errorType: 'Error', errorMessage: 'broken', trace: [] };
  lambda.invoke.mockResolvedValueOnce({ ok: false, ...error });
  const output = await api.invoke({ FunctionName, InvocationType: 'RequestResponse', Payload: '{}' });
  expect(output).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  expect(JSON.parse(output.Payload)).toEqual(error);
});

it.each([
  ['DryRun', '{}', 'InvalidParameterValueException'],
  ['RequestResponse', '{', 'InvalidRequestContentException'],
])('refuses %s of %s', async (InvocationType, Payload, code) => {
  await expect(api.invoke({ FunctionName, InvocationType, Payload })).rejects.toMatchObject({ code });
});

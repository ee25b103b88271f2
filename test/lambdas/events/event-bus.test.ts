import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { BLOG_BUS, WEBSOCKET_BUS } from '../../../lambdas/events/environment.ts';
import { batchesOf, busEvent, maxBytes, putEvent, putEvents } from '../../../lambdas/events/event-bus.ts';
import { connectionOpened, DetailType } from '../../../model/events.ts';

process.env[BLOG_BUS] = 'blog-bus';
process.env[WEBSOCKET_BUS] = 'websocket-bus';

const eventBridge = mockClient(EventBridgeClient);
const calls = () => eventBridge.commandCalls(PutEventsCommand);
const detail = (connectionId: string) =>
  connectionOpened({ connectionId, connectedAt: '2026-01-31T09:30:00.000Z' }, 'p');
const opened = (connectionId: string) => busEvent(DetailType.connectionOpened, detail(connectionId));
const entry = (connectionId: string, bus = 'websocket-bus') => ({
  EventBusName: bus,
  Source: 'blog',
  DetailType: 'ConnectionOpened',
  Detail: JSON.stringify(detail(connectionId)),
});

beforeEach(() => {
  eventBridge.reset();
  eventBridge.on(PutEventsCommand).callsFake(({ Entries }) => ({
    Entries: Entries.map(() => ({ EventId: '1' })),
  }));
});

test('the size of an event counts its source, its type and its detail in UTF-8 bytes', () => {
  const { Source, DetailType: type, Detail } = entry('é');
  expect(opened('é').bytes).toBe(Buffer.byteLength(Source + type + Detail));
});

test('batches keep the order, fit into one call each, and are as few as possible', () => {
  const size = fc.oneof(fc.nat(maxBytes / 5), fc.nat(maxBytes * 2));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
      const events = sizes.map((bytes) => ({ bytes }));
      const batches = batchesOf(events);
      expect(batches.flat()).toEqual(events);
      const bytesOf = (batch: { bytes: number }[]) => batch.reduce((sum, { bytes }) => sum + bytes, 0);
      for (const [index, batch] of batches.entries()) {
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(10);
        if (batch.length > 1) expect(bytesOf(batch)).toBeLessThanOrEqual(maxBytes);
        const [next] = batches[index + 1] ?? [];
        if (next && batch.length < 10) expect(bytesOf(batch) + next.bytes).toBeGreaterThan(maxBytes);
      }
    }),
  );
});

describe('a batch', () => {
  test('is put on its bus in order', async () => {
    const abortSignal = new AbortController().signal;
    expect(await putEvents(WEBSOCKET_BUS, [opened('a'), opened('b')], abortSignal)).toEqual(new Map());
    await putEvent(BLOG_BUS, opened('c'));
    expect(calls().map(({ args }) => args[0].input)).toEqual([
      { Entries: [entry('a'), entry('b')] },
      { Entries: [entry('c', 'blog-bus')] },
    ]);
    const [, options]: unknown[] = [...(calls()[0]?.args ?? [])];
    expect(options).toEqual({ abortSignal });
  });

  test('without events makes no call', async () => {
    expect(await putEvents(BLOG_BUS, [])).toEqual(new Map());
    expect(calls()).toEqual([]);
  });

  test('returns the events that are refused or not confirmed, each with its error', async () => {
    const [a, b, c, d] = [opened('a'), opened('b'), opened('c'), opened('d')];
    const refusal = { ErrorCode: 'ThrottlingException', ErrorMessage: 'slower' };
    eventBridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }, refusal, {}] });
    expect([...(await putEvents(BLOG_BUS, [a, b, c, d]))]).toEqual([
      [b, refusal],
      [c, { ErrorCode: 'InternalFailure' }],
      [d, { ErrorCode: 'InternalFailure' }],
    ]);
  });

  test('throws if the call fails', async () => {
    eventBridge.on(PutEventsCommand).rejects(new Error('throttled'));
    await expect(putEvents(BLOG_BUS, [opened('a')])).rejects.toThrow('throttled');
  });
});

test('throws the error of the bus if a single event is refused', async () => {
  const Entries = [{ ErrorCode: 'InternalFailure', ErrorMessage: 'x' }];
  eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries });
  await expect(putEvent(BLOG_BUS, opened('a'))).rejects.toThrow(
    'The bus refused the event: InternalFailure, x',
  );
});

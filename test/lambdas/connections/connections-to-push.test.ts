import fc from 'fast-check';
import { connectionsToPush } from '../../../lambdas/connections/connections-to-push.ts';
import { maxBytes } from '../../../lambdas/events/event-bus.ts';
import { ConnectionsToPush, connectionsPerEvent } from '../../../model/events.ts';

const cause = {
  eventId: 'p:2:BlogPostUpdated',
  correlationId: 'p',
  causationId: 'p:1:BlogPostCreated',
  time: '2026-01-31T09:30:01.000Z',
  schemaVersion: '1.2',
};
const postId = '72c7c55d-b7d7-52b2-850a-ae88b2b7319d';
const connectionsOf = (ids: string[]) =>
  ids.map((connectionId) => ({ connectionId, connectedAt: '2026-01-31T09:00:00.000Z' }));
const idOf = (ids: string[], attempt?: number, eventId = cause.eventId) =>
  ConnectionsToPush.parse(
    JSON.parse(
      connectionsToPush({ ...cause, eventId }, { postId, attempt, connections: connectionsOf(ids) }).detail,
    ),
  ).metadata?.eventId;

test('a part keeps its ID if it is repeated, in whatever order its connections are read', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), fc.infiniteStream(fc.nat()), (ids, order) => {
      const ranks = new Map(ids.map((id) => [id, order.next().value ?? 0]));
      const other = ids.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
      expect(idOf(other)).toBe(idOf(ids));
    }),
  );
});

test('a part of another push, of another attempt or with other connections has another ID', () => {
  const parts = [['a', 'b'], ['a'], ['ab'], ['a', 'b', 'c']].map((ids) => idOf(ids));
  const all = [...parts, idOf(['a', 'b'], 2), idOf(['a', 'b'], 1, 'p:3:BlogPostUpdated')];
  expect(new Set(all).size).toBe(all.length);
  expect(idOf(['a', 'b'], 1)).toBe(idOf(['a', 'b']));
});

test('six of the largest parts fit into a call', () => {
  const ids = Array.from(
    { length: connectionsPerEvent },
    (_, n) => `L0SM9cOFvHcCI${String(n).padStart(3, '0')}=`,
  );
  const { bytes } = connectionsToPush(cause, { postId, connections: connectionsOf(ids) });
  expect(6 * bytes).toBeLessThan(maxBytes);
});

import { LiveConnection, type LiveState } from '../../web/live-connection.ts';
import type { PostState } from '../../web/post-store.ts';
import { entities, examplePost } from './example-posts.ts';

const url = 'ws://localhost:3000';
const second = 1000;
const minute = 60 * second;

/** Stands in for a WebSocket; the test plays the server. */
class FakeSocket extends EventTarget {
  readonly url: string;
  readonly sent: unknown[] = [];
  isClosed = false;

  constructor(url: string) {
    super();
    this.url = url;
  }

  send(message: string): void {
    this.sent.push(JSON.parse(message));
  }

  close(): void {
    this.isClosed = true;
  }

  opens(): this {
    this.dispatchEvent(new Event('open'));
    return this;
  }

  says(message: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  isLost(): void {
    this.dispatchEvent(new Event('close'));
  }
}

let sockets: FakeSocket[];
let received: PostState[];
let removed: string[];
let live: LiveConnection;

beforeEach(() => {
  jest.useFakeTimers();
  sockets = [];
  received = [];
  removed = [];
  const open = (url: string) => {
    const socket = new FakeSocket(url);
    sockets.push(socket);
    return socket;
  };
  live = new LiveConnection(
    url,
    (state) => received.push(state),
    (id) => removed.push(id),
    open,
    () => 1,
  );
});

afterEach(() => jest.useRealTimers());

const last = () => sockets.at(-1) ?? new FakeSocket('none');
const state = (): LiveState => live.state.value;
const post = examplePost(1, { entities });
const createdPost = examplePost(1);
const update = { type: 'post.updated', revision: 2, post };

it('connects, and passes on only the posts that it receives', () => {
  live.follow({});
  expect(state()).toEqual({ status: 'connecting' });
  const socket = last().opens();
  expect(socket.url).toBe('ws://localhost:3000/?from=created');
  expect(state()).toEqual({ status: 'live', opened: 1 });
  socket.says({ type: 'pong' });
  socket.says({ type: 'post.updated', revision: 'high' });
  socket.says({ type: 'news' });
  socket.dispatchEvent(new MessageEvent('message', { data: '{' }));
  socket.says({ type: 'post.created', revision: 1, post: createdPost });
  socket.says(update);
  expect(received).toEqual([
    { post: createdPost, revision: 1 },
    { post, revision: 2 },
  ]);
});

it('reconnects after growing pauses of at most 30 s, and reports when', () => {
  live.follow({});
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 7; attempt++) {
    last().isLost();
    const lost = Date.now();
    const now = state();
    expect(now.status).toBe('reconnecting');
    const retryAt = 'retryAt' in now ? (now.retryAt ?? 0) : 0;
    pauses.push((retryAt - lost) / second);
    const before = sockets.length;
    jest.advanceTimersByTime(retryAt - lost - 1);
    expect(sockets).toHaveLength(before);
    jest.advanceTimersByTime(1);
    expect(sockets).toHaveLength(before + 1);
    expect(state()).toEqual({ status: 'reconnecting' });
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30]);
  last().opens().says({ type: 'pong' });
  expect(state()).toEqual({ status: 'live', opened: 1 });
  last().isLost();
  expect(state()).toEqual({ status: 'reconnecting', retryAt: Date.now() + second });
});

it('varies the pauses by half', () => {
  const open = (url: string) => {
    const socket = new FakeSocket(url);
    sockets.push(socket);
    return socket;
  };
  live = new LiveConnection(
    url,
    () => {},
    () => {},
    open,
    () => 0,
  );
  live.follow({});
  last().isLost();
  expect(state()).toEqual({ status: 'reconnecting', retryAt: Date.now() + 500 });
});

it('reconnects at once, and only once, on a check', () => {
  live.follow({});
  last().isLost();
  live.check();
  live.check();
  expect(sockets).toHaveLength(2);
  jest.advanceTimersByTime(5 * second);
  expect(sockets).toHaveLength(2);
});

it('detects a dead connection within 10 s of a check, even if checked again', () => {
  live.follow({});
  const socket = last().opens();
  socket.says({ type: 'pong' });
  live.check();
  expect(socket.sent).toHaveLength(2);
  jest.advanceTimersByTime(9 * second);
  live.check();
  expect(state().status).toBe('live');
  jest.advanceTimersByTime(second);
  expect(socket.isClosed).toBe(true);
  expect(state().status).toBe('reconnecting');
});

it('keeps a connection that answers the check', () => {
  live.follow({});
  const socket = last().opens();
  live.check();
  socket.says({ type: 'pong' });
  jest.advanceTimersByTime(minute);
  expect(sockets).toHaveLength(1);
  expect(state().status).toBe('live');
});

it('ends an attempt that is not answered', () => {
  live.follow({});
  jest.advanceTimersByTime(10 * second);
  expect(last().isClosed).toBe(true);
  expect(state().status).toBe('reconnecting');
});

it('pings on opening and every 5 minutes, and treats a missing answer as a loss', () => {
  live.follow({});
  const socket = last().opens();
  expect(socket.sent).toEqual([{ action: 'ping' }]);
  socket.says({ type: 'pong' });
  jest.advanceTimersByTime(5 * minute);
  expect(socket.sent).toEqual([{ action: 'ping' }, { action: 'ping' }]);
  socket.says({ type: 'pong' });
  jest.advanceTimersByTime(5 * minute + 10 * second - 1);
  expect(state().status).toBe('live');
  jest.advanceTimersByTime(1);
  expect(socket.isClosed).toBe(true);
  expect(state().status).toBe('reconnecting');
  jest.advanceTimersByTime(second);
  last().opens();
  expect(state()).toEqual({ status: 'live', opened: 2 });
});

/** Lets time pass while each ping on a connection is answered. */
function passAnswered(socket: FakeSocket, minutes: number): void {
  for (let passed = 0; passed < minutes; passed += 5) {
    socket.says({ type: 'pong' });
    jest.advanceTimersByTime(5 * minute);
  }
  socket.says({ type: 'pong' });
}

it('opens a new connection before the old one is 2 hours old, and then closes the old one', () => {
  live.follow({});
  const old = last().opens();
  passAnswered(old, 110);
  expect(sockets).toHaveLength(2);
  expect(old.isClosed).toBe(false);
  old.says(update);
  expect(received).toHaveLength(1);
  last().opens();
  expect(old.isClosed).toBe(true);
  expect(state()).toEqual({ status: 'live', opened: 2 });
});

it('stays live on the old connection while no new one can be opened', () => {
  live.follow({});
  const old = last().opens();
  passAnswered(old, 110);
  last().isLost();
  expect(state()).toEqual({ status: 'live', opened: 1 });
  old.says({ type: 'pong' });
  jest.advanceTimersByTime(second);
  expect(sockets).toHaveLength(3);
  old.isLost();
  expect(state()).toEqual({ status: 'reconnecting' });
  last().opens();
  expect(state()).toEqual({ status: 'live', opened: 2 });
});

it('follows another target by a new connection, and keeps the old one until that is open', () => {
  live.follow({});
  const all = last().opens();
  live.follow({ topic: 'a&b' });
  live.follow({ topic: 'a&b' });
  expect(sockets).toHaveLength(2);
  expect(last().url).toBe('ws://localhost:3000/?from=created&topic=a%26b');
  all.says(update);
  expect(received).toHaveLength(1);
  live.follow({ postId: post.id });
  expect(sockets[1]?.isClosed).toBe(true);
  last().opens();
  expect(last().url).toBe(`ws://localhost:3000/?postId=${post.id}`);
  expect(all.isClosed).toBe(true);
  expect(state()).toEqual({ status: 'live', opened: 2 });
});

it('is not live for another target while its connection cannot be opened', () => {
  live.follow({});
  const all = last().opens();
  live.follow({ topic: 'summer' });
  last().isLost();
  expect(all.isClosed).toBe(true);
  expect(state().status).toBe('reconnecting');
});

const subscribe = { action: 'subscribe', postId: post.id };
const unsubscribe = { action: 'unsubscribe', postId: post.id };
const requests = (socket: FakeSocket) => socket.sent.filter((message) => message !== socket.sent[0]);

it('subscribes to a new post until it is enriched', () => {
  live.follow({ topic: 'winter' });
  last().opens().says({ type: 'pong' });
  live.watch(post.id);
  expect(requests(last())).toEqual([subscribe]);
  last().says({ type: 'subscribed', postId: post.id, revision: 1, post: examplePost(1) });
  last().says(update);
  expect(received).toEqual([
    { post: examplePost(1), revision: 1 },
    { post, revision: 2 },
  ]);
  expect(requests(last())).toEqual([subscribe, unsubscribe]);
  jest.advanceTimersByTime(minute);
  expect(requests(last())).toEqual([subscribe, unsubscribe]);
});

it('reports a removal, whatever says so, and waits for no enrichment of the post', () => {
  live.follow({ topic: 'winter' });
  last().opens().says({ type: 'pong' });
  live.watch(post.id);
  last().says({ type: 'post.removed', postId: post.id });
  expect(removed).toEqual([post.id]);
  live.watch(post.id);
  last().says({ type: 'subscribed', postId: post.id, removed: true });
  expect(removed).toEqual([post.id, post.id]);
  expect(requests(last())).toEqual([subscribe, unsubscribe, subscribe, unsubscribe]);
  jest.advanceTimersByTime(8 * second);
  expect(requests(last())).toHaveLength(4);
});

it('subscribes again if there is no answer, and on each new connection', () => {
  live.follow({});
  live.watch(post.id);
  const first = last().opens();
  expect(requests(first)).toContainEqual(subscribe);
  first.says({ type: 'error', message: 'The subscription failed.' });
  jest.advanceTimersByTime(10 * second);
  expect(
    requests(first).filter((message) => JSON.stringify(message) === JSON.stringify(subscribe)),
  ).toHaveLength(2);
  first.isLost();
  jest.advanceTimersByTime(second);
  last().opens().says({ type: 'subscribed', postId: post.id, revision: 2, post });
  expect(requests(last())).toEqual([subscribe, unsubscribe]);
  expect(received).toEqual([{ post, revision: 2 }]);
});

it('detects a dead connection if a subscription is not answered', () => {
  live.follow({});
  last().opens().says({ type: 'pong' });
  live.watch(post.id);
  jest.advanceTimersByTime(20 * second);
  expect(state().status).toBe('reconnecting');
});

it('stays subscribed to the post that the connection follows', () => {
  live.follow({ postId: post.id });
  last().opens().says({ type: 'pong' });
  live.watch(post.id);
  last().says(update);
  expect(requests(last())).toEqual([subscribe]);
});

/** The client against a scripted socket and a clock that stands still: every wait is exact. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { RealtimeClient, delay } from '../../static/marketdata/js/realtime/index.js';
import { FakeTiming, ScriptedSocket, turn } from './scripted.mjs';

let timing;
const make = (options = {}) =>
  new RealtimeClient({ url: 'ws://test/ws', WebSocket: ScriptedSocket, timing, page: null, ...options });
const quote = (symbol, seq, more = {}) => ({
  type: 'market_data', topic: `market_data:${symbol}`, epoch: 'e1', seq, data: { symbol, price: seq }, ...more,
});
const signal = (seq, more = {}) => ({ type: 'signal', topic: 'signals', epoch: 'e1', seq, data: {}, ...more });

const types = () => ScriptedSocket.last.sent.map((message) => message.type);

/** A connected client whose first ping is answered. */
async function connected(options) {
  const client = make(options);
  client.connect();
  ScriptedSocket.last.open();
  await turn();
  pong();
  return client;
}

function pong(socket = ScriptedSocket.last) {
  const ping = socket.sent.findLast((message) => message.type === 'ping');
  socket.receive({ type: 'pong', id: ping.id });
}

beforeEach(() => {
  timing = new FakeTiming();
  ScriptedSocket.reset();
});

test('ten attempts after 5 to 30 s, then failed; by hand all are ahead again', async () => {
  const client = make();
  const opened = [];
  ScriptedSocket.onNew = (socket) => {
    opened.push(timing.time / 1000);
    setImmediate(() => socket.lose());
  };
  client.connect();
  await turn();
  await timing.pass(400_000);
  assert.deepEqual(opened, [0, 5, 12.5, 23.75, 40.625, 65.9375, 95.9375, 125.9375, 155.9375, 185.9375, 215.9375]);
  assert.equal(client.getState().status, 'failed');
  ScriptedSocket.onNew = () => {};
  client.reconnect();
  assert.equal(client.getState().status, 'reconnecting');
  ScriptedSocket.last.open();
  assert.equal(client.getState().status, 'connected');
});

test('a server that accepts and hangs up does not start the attempts over', async () => {
  const client = make();
  client.connect();
  for (let i = 1; i <= 3; i += 1) {
    ScriptedSocket.last.open();
    ScriptedSocket.last.lose(1000);
    assert.equal(client.getState().attempt, i);
    await timing.pass(delay(i));
  }
});

test('attempts start over after 5 s of good connection', async () => {
  const client = await connected();
  ScriptedSocket.last.lose();
  await timing.pass(5_000);
  ScriptedSocket.last.open();
  await timing.pass(4_999);
  assert.equal(client.getState().attempt, 1);
  await timing.pass(1);
  assert.equal(client.getState().attempt, 0);
});

test('state is the same object until it changes, and says when it tries again', async () => {
  const client = await connected();
  assert.equal(client.getState(), client.getState());
  ScriptedSocket.last.lose(1006);
  const { status, retryAt, attempt, attempts, closed } = client.getState();
  assert.deepEqual({ status, retryAt, attempt, attempts, closed },
    { status: 'reconnecting', retryAt: 5000, attempt: 1, attempts: 10, closed: { code: 1006, reason: '' } });
});

test('latency is there at once, and asked again every 30 s', async () => {
  const client = make();
  client.connect();
  ScriptedSocket.last.open();
  timing.time += 42;
  pong();
  await turn();
  assert.equal(client.getState().latency, 42);
  await timing.pass(30_000);
  assert.equal(ScriptedSocket.last.sent.filter((message) => message.type === 'ping').length, 2);
});

test('half the timeout is doubtful, all of it is the end; the socket is not waited for', async () => {
  const client = await connected();
  await timing.pass(35_000);
  assert.equal(client.getState().stale, true);
  await timing.pass(5_000);
  assert.equal(client.getState().status, 'reconnecting');
  assert.equal(client.getState().closed.code, 4000);
});

test('any frame counts as life', async () => {
  const client = await connected();
  await timing.pass(36_000);
  ScriptedSocket.last.receive({ type: 'heartbeat' });
  assert.equal(client.getState().stale, false);
  await timing.pass(10_000);
  assert.equal(client.getState().status, 'connected');
});

test('a machine that slept asks again before it judges', async () => {
  const client = await connected();
  await timing.pass(30_001);
  timing.sleep(3_600_000);
  await timing.pass(0);
  assert.equal(client.getState().status, 'connected');
  const pings = ScriptedSocket.last.sent.filter((message) => message.type === 'ping');
  assert.equal(pings.length, 3);
  pong();
  assert.equal(client.getState().stale, false);
});

test('a connection that never opens is given up', async () => {
  const client = make({ connectTimeout: 10_000 });
  client.connect();
  await timing.pass(10_000);
  assert.equal(client.getState().status, 'reconnecting');
});

test('4403 and 4404 are the end; 4401 gets one new token', async () => {
  for (const code of [4403, 4404]) {
    const client = await connected();
    ScriptedSocket.last.lose(code);
    assert.equal(client.getState().status, 'failed');
  }
  const tokens = ['old', 'new', 'never'];
  const client = await connected({ token: async () => tokens.shift() });
  ScriptedSocket.last.lose(4401);
  await turn();
  ScriptedSocket.last.open();
  await turn();
  assert.deepEqual(ScriptedSocket.last.sent[0].data, { token: 'new' });
  ScriptedSocket.last.lose(4401);
  await turn();
  assert.equal(client.getState().status, 'failed');
  assert.deepEqual(tokens, ['never']);
});

test('subscriptions of one turn are one message, and come back after a reconnect', async () => {
  const client = await connected();
  client.subscribe('market_data', ['AAPL'], () => {});
  client.subscribe('market_data', ['MSFT', 'AAPL'], () => {});
  await turn();
  const asked = () => ScriptedSocket.last.sent.filter((message) => message.type === 'subscribe');
  assert.deepEqual(asked().map((message) => message.data), [{ channel: 'market_data', symbols: ['AAPL', 'MSFT'] }]);
  assert.deepEqual(client.references, { 'market_data:AAPL': 2, 'market_data:MSFT': 1 });
  ScriptedSocket.last.lose();
  await timing.pass(5_000);
  ScriptedSocket.last.open();
  await turn();
  assert.deepEqual(asked().map((message) => message.data), [{ channel: 'market_data', symbols: ['AAPL', 'MSFT'] }]);
});

test('the last listener lingers 300 ms', async () => {
  const client = await connected();
  const stop = client.subscribe('market_data', ['AAPL'], () => {});
  await turn();
  stop();
  client.subscribe('market_data', ['AAPL'], () => {})();
  await timing.pass(299);
  assert.equal(ScriptedSocket.last.sent.filter((message) => message.type === 'unsubscribe').length, 0);
  await timing.pass(1);
  assert.deepEqual(ScriptedSocket.last.sent.at(-1).data, { channel: 'market_data', symbols: ['AAPL'] });
  assert.deepEqual(client.references, {});
});

test('one function may listen twice; ending one leaves the other', async () => {
  const client = await connected();
  const seen = [];
  const listen = (message) => seen.push(message.seq);
  const stop = client.subscribe('market_data', ['AAPL'], listen);
  client.subscribe('market_data', ['AAPL'], listen);
  await turn();
  stop();
  await timing.pass(1_000);
  ScriptedSocket.last.receive(quote('AAPL', 1));
  assert.deepEqual(seen, [1]);
  assert.ok(!types().includes('unsubscribe'));
});

test('quotes conflate: jumps are no gap, older ones and doubles are not shown', async () => {
  const client = await connected();
  const seen = [];
  const gaps = [];
  client.on('gap', (gap) => gaps.push(gap));
  client.subscribe('market_data', ['AAPL'], (message) => seen.push(message.seq));
  await turn();
  ScriptedSocket.last.receive(quote('AAPL', 4, { snapshot: true }), quote('AAPL', 9), quote('AAPL', 9), quote('AAPL', 7));
  assert.deepEqual(seen, [4, 9]);
  assert.deepEqual(gaps, []);
});

test('a new epoch starts over', async () => {
  const client = await connected();
  const seen = [];
  client.subscribe('market_data', ['AAPL'], (message) => seen.push([message.epoch, message.seq]));
  await turn();
  ScriptedSocket.last.receive(quote('AAPL', 90), quote('AAPL', 1, { epoch: 'e2' }));
  assert.deepEqual(seen, [['e1', 90], ['e2', 1]]);
});

test('a later listener gets the last message at once, as a snapshot', async () => {
  const client = await connected();
  client.subscribe('market_data', ['AAPL'], () => {});
  await turn();
  ScriptedSocket.last.receive(quote('AAPL', 1));
  const seen = [];
  client.subscribe('market_data', ['AAPL'], (message) => seen.push([message.seq, message.snapshot]));
  assert.deepEqual(seen, [[1, true]]);
});

test('a hole in what must not be lost is asked for once, and nothing overtakes', async () => {
  const client = await connected();
  const seen = [];
  const gaps = [];
  client.on('gap', (gap) => gaps.push(gap));
  client.subscribe('signals', [], (message) => seen.push(message.seq));
  await turn();
  ScriptedSocket.last.receive(signal(1), signal(4), signal(5));
  assert.deepEqual(seen, [1]);
  const asked = ScriptedSocket.last.sent.filter((message) => message.data?.resume);
  assert.deepEqual(asked.map((message) => message.data), [{ channel: 'signals', resume: { signals: 1 }, epoch: 'e1' }]);
  const resumed = { type: 'resumed', topic: 'signals', epoch: 'e1', seq: 5, recovered: true };
  ScriptedSocket.last.receive(resumed, signal(2), signal(3), signal(4), signal(5), { type: 'ack', id: asked[0].id });
  assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  assert.equal(gaps[0].lost, false);
});

test('a reconnect resumes where it was; a hole that cannot be filled is told', async () => {
  const client = await connected();
  const gaps = [];
  const seen = [];
  client.on('gap', (gap) => gaps.push(gap));
  client.subscribe('signals', [], (message) => seen.push(message.seq));
  await turn();
  ScriptedSocket.last.receive(signal(7));
  ScriptedSocket.last.lose(4408);
  await timing.pass(5_000);
  ScriptedSocket.last.open();
  await turn();
  assert.deepEqual(ScriptedSocket.last.sent[0].data, { channel: 'signals', resume: { signals: 7 }, epoch: 'e1' });
  ScriptedSocket.last.receive({ type: 'resumed', topic: 'signals', epoch: 'e2', seq: 3, recovered: false });
  ScriptedSocket.last.receive(signal(4, { epoch: 'e2' }));
  assert.deepEqual(gaps, [{ topic: 'signals', from: 7, to: 3, lost: true }]);
  assert.deepEqual(seen, [7, 4]);
});

test('what is raised while away is asked for although nothing came before', async () => {
  const client = await connected();
  const seen = [];
  client.subscribe('alerts', [], (message) => seen.push(message.seq));
  await turn();
  const subscribed = ScriptedSocket.last.sent.find((message) => message.data?.channel === 'alerts');
  assert.equal(subscribed.data.resume, undefined);
  ScriptedSocket.last.receive({ type: 'ack', id: subscribed.id, data: { topics: [{ topic: 'alerts', epoch: 'e1', seq: 0 }] } });
  await turn();
  ScriptedSocket.last.lose(1006);
  await timing.pass(5_000);
  ScriptedSocket.last.open();
  await turn();
  assert.deepEqual(ScriptedSocket.last.sent[0].data, { channel: 'alerts', resume: { alerts: 0 }, epoch: 'e1' });
  ScriptedSocket.last.receive({ type: 'alert', topic: 'alerts', epoch: 'e1', seq: 1, data: {} });
  assert.deepEqual(seen, [1]);
});

test('what was missed across epochs comes in the order of both', async () => {
  const client = await connected();
  const seen = [];
  const gaps = [];
  client.on('gap', (gap) => gaps.push(gap));
  client.subscribe('signals', [], (message) => seen.push([message.epoch, message.seq]));
  await turn();
  ScriptedSocket.last.receive(signal(7));
  ScriptedSocket.last.lose(1006);
  await timing.pass(5_000);
  ScriptedSocket.last.open();
  await turn();
  const resumed = { type: 'resumed', topic: 'signals', epoch: 'e2', seq: 2, recovered: true };
  ScriptedSocket.last.receive(resumed, signal(8), signal(1, { epoch: 'e2' }), signal(2, { epoch: 'e2' }), signal(3, { epoch: 'e2' }));
  assert.deepEqual(seen, [['e1', 7], ['e1', 8], ['e2', 1], ['e2', 2], ['e2', 3]]);
  assert.deepEqual(gaps, []);
});

test('each channel resumes in its own numbering', async () => {
  const client = await connected();
  client.subscribe('signals', [], () => {});
  client.subscribe('alerts', [], () => {});
  await turn();
  ScriptedSocket.last.receive(signal(7, { epoch: 'e2' }), { type: 'alert', topic: 'alerts', epoch: 'e1', seq: 3, data: {} });
  ScriptedSocket.last.lose(1006);
  await timing.pass(5_000);
  ScriptedSocket.last.open();
  await turn();
  const said = ScriptedSocket.last.sent.filter((message) => message.type === 'subscribe').map((message) => message.data);
  assert.deepEqual(said, [
    { channel: 'signals', resume: { signals: 7 }, epoch: 'e2' }, { channel: 'alerts', resume: { alerts: 3 }, epoch: 'e1' },
  ]);
});

test('chains conflate: a jump is no gap', async () => {
  const client = await connected();
  const seen = [];
  const gaps = [];
  client.on('gap', (gap) => gaps.push(gap));
  client.subscribe('options', ['SPY'], (message) => seen.push(message.seq));
  await turn();
  const chain = (seq) => ({ type: 'options', topic: 'options:SPY', epoch: 'e1', seq, data: { symbol: 'SPY' } });
  ScriptedSocket.last.receive(chain(1), chain(5));
  assert.deepEqual([seen, gaps], [[1, 5], []]);
});

test('messages wait for the connection, in order, behind the subscriptions', async () => {
  const client = make();
  client.subscribe('market_data', ['AAPL'], () => {});
  assert.equal(client.send({ type: 'a' }), 'queued');
  assert.equal(client.send({ type: 'b' }, { queue: false }), 'dropped');
  client.connect();
  ScriptedSocket.last.open();
  await turn();
  assert.deepEqual(ScriptedSocket.last.sent.map((message) => message.type).toSorted(), ['a', 'ping', 'subscribe']);
  assert.ok(types().indexOf('subscribe') < types().indexOf('a'));
});



test('a request gets its answer, its error, or word that it will not come', async () => {
  const client = await connected();
  const good = client.request({ type: 'request', data: { action: 'agent_status' } });
  ScriptedSocket.last.receive({ type: 'agent_status', id: ScriptedSocket.last.sent.at(-1).id, data: { agents: [] } });
  assert.deepEqual((await good).data.agents, []);
  const bad = client.request({ type: 'nonsense' });
  ScriptedSocket.last.receive({ type: 'error', id: ScriptedSocket.last.sent.at(-1).id, code: 'unknown_type', title: 'No', retryable: false });
  await assert.rejects(bad, { code: 'unknown_type', retryable: false });
  const late = client.request({ type: 'x' }, { timeout: 500 });
  const missed = assert.rejects(late, { code: 'timeout' });
  await timing.pass(500);
  await missed;
  const cut = client.request({ type: 'x' });
  ScriptedSocket.last.lose();
  await assert.rejects(cut, { code: 'disconnected', retryable: true });
  await assert.rejects(client.request({ type: 'x' }), { code: 'disconnected' });
});

test('a frame that is not JSON is an error and nothing more; an array is a batch', async () => {
  const client = await connected();
  const errors = [];
  const seen = [];
  client.on('error', (error) => errors.push(error.message));
  client.subscribe('market_data', ['AAPL', 'MSFT'], (message) => seen.push(message.data.symbol));
  await turn();
  ScriptedSocket.last.onmessage({ data: '{' });
  ScriptedSocket.last.onmessage({ data: JSON.stringify([quote('AAPL', 1), quote('MSFT', 1)]) });
  assert.deepEqual(errors, ['The server sent a frame that is not JSON.']);
  assert.deepEqual(seen, ['AAPL', 'MSFT']);
});

test('the page: online and shown reconnect, offline only probes', async () => {
  const page = Object.assign(new EventTarget(), { document: Object.assign(new EventTarget(), { visibilityState: 'visible' }) });
  const client = await connected({ page });
  page.dispatchEvent(new Event('offline'));
  assert.equal(client.getState().status, 'connected');
  assert.equal(types().filter((type) => type === 'ping').length, 2);
  ScriptedSocket.last.lose();
  const before = ScriptedSocket.all.length;
  page.dispatchEvent(new Event('online'));
  assert.equal(ScriptedSocket.all.length, before + 1);
  ScriptedSocket.last.lose();
  page.document.dispatchEvent(new Event('visibilitychange'));
  assert.equal(ScriptedSocket.all.length, before + 2);
  client.close();
  page.dispatchEvent(new Event('online'));
  assert.equal(client.getState().status, 'closed');
});

test('one listener that throws does not silence the others', () => {
  const errors = [];
  globalThis.reportError = (error) => errors.push(error.message);
  const client = make();
  let heard = 0;
  client.onStateChange(() => { throw new Error('mine'); });
  client.onStateChange(() => { heard += 1; });
  client.connect();
  assert.deepEqual([heard, errors], [1, ['mine']]);
});

/** The client against a real socket server in another process (peer.py). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RealtimeClient } from '../../static/marketdata/js/realtime/index.js';
import { Peer, Watch } from './peer.mjs';

const QUICK = { first: 20, factor: 1.5, most: 60, attempts: 10, jitter: 0 };
let peer;
const clients = [];

/** A client, and a way to wait for its state or its messages. */
function connect(options = {}) {
  const watch = new Watch();
  const client = new RealtimeClient({ url: peer.url, backoff: QUICK, page: null, linger: 0, ...options });
  client.on('state', () => watch.wake());
  client.on('message', () => watch.wake());
  clients.push(client);
  client.connect();
  const status = (name) => watch.until(() => client.getState().status === name, name);
  return { client, watch, status };
}

before(async () => {
  peer = await new Peer().start();
});
after(() => {
  for (const client of clients) client.close();
  peer.stop();
});

test('subscribes, gets the snapshot first and then what comes', async () => {
  const { client, watch, status } = connect();
  const seen = [];
  client.subscribe('market_data', ['AAPL'], (message) => seen.push(message) && watch.wake());
  await status('connected');
  await watch.until(() => seen.length === 1, 'the snapshot');
  assert.equal(seen[0].snapshot, true);
  const next = { ...seen[0], seq: seen[0].seq + 5, data: { symbol: 'AAPL', price: 99 } };
  delete next.snapshot;
  await peer.tell({ send: [next] });
  await watch.until(() => seen.length === 2, 'the update');
  assert.equal(seen[1].data.price, 99);
  await watch.until(() => client.getState().latency !== null, 'a latency');
});

test('comes back when the server went away, with its subscriptions', async () => {
  const { client, watch, status } = connect();
  let snapshots = 0;
  client.subscribe('market_data', ['MSFT'], () => { snapshots += 1; watch.wake(); });
  await watch.until(() => snapshots === 1, 'the first snapshot');
  await peer.tell({ down: true });
  await status('reconnecting');
  assert.equal(client.send({ type: 'request', data: { action: 'agent_status' } }), 'queued');
  await peer.tell({ up: true });
  await status('connected');
  await watch.until(() => snapshots === 2, 'the second snapshot');
  await peer.until(() => peer.heard('request').length === 1, 'the queued message');
});

test('a refusal that says why is the end', async () => {
  await peer.tell({ refuse: 4403 });
  const { client, status } = connect();
  await status('failed');
  assert.equal(client.getState().closed.code, 4403);
  await peer.tell({ refuse: 0 });
  client.reconnect();
  await status('connected');
});

test('gives up after its attempts; by hand it goes on', async () => {
  await peer.tell({ refuse: 1013 });
  const { client, status } = connect({ backoff: { ...QUICK, first: 2, most: 4, attempts: 3 } });
  await status('failed');
  await peer.tell({ refuse: 0 });
  client.reconnect();
  await status('connected');
});

test('lets go of a server that went mute', async () => {
  const { client, status } = connect({ heartbeat: { interval: 20, timeout: 60 } });
  await status('connected');
  await peer.tell({ mute: true });
  await status('reconnecting');
  assert.equal(client.getState().closed.code, 4000);
  await peer.tell({ mute: false });
  client.close();
});

test('a symbol that does not exist is an error, not the end', async () => {
  const { client, watch, status } = connect();
  const errors = [];
  client.on('error', (error) => errors.push(error) && watch.wake());
  client.subscribe('market_data', ['BAD'], () => {});
  await status('connected');
  await watch.until(() => errors.length === 1, 'the error');
  assert.equal(errors[0].code, 'unknown_symbol');
  assert.equal(client.getState().status, 'connected');
});

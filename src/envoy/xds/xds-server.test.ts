import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { test } from 'node:test';
import { create, fromBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { ClusterSchema } from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import type { DiscoveryResponse } from '../gen/envoy/service/discovery/v3/discovery_pb.ts';
import { makeSnapshot } from './snapshot.ts';
import { TYPE_URLS } from './types.ts';
import { failure, method, request, Scene } from './xds-scene-for-test.ts';

test('a message that is no message ends its stream with a reason, and is reported with the address', () =>
  Scene.run({}, async scene => {
    const stream = scene.stream(() => Buffer.from('\xff\xff\xff\xff garbage', 'latin1'));
    stream.write(request({}));
    const { code, details } = await failure(stream);
    assert.equal(code, status.INVALID_ARGUMENT);
    assert.match(details, /^12 bytes that are no envoy.service.discovery.v3.DiscoveryRequest: /);
    assert.match(scene.events[0]?.peer ?? '', /^127\.0\.0\.1:\d+$/);
    assert.equal(scene.xds.counts().refused, 1);
  }));

test('a connection that does not speak gRPC is closed and reported', () =>
  Scene.run({}, async scene => {
    const socket = await scene.socket();
    socket.resume().end('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    while (scene.events.length === 0) await new Promise(setImmediate);
    assert.deepEqual(scene.refusals(), ['Received bad client magic byte string']);
  }));

/** gRPC's prefix of a message of so many bytes, and what comes of it. */
function beginning(length: number, bytes: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, Buffer.alloc(bytes)]);
}

test('half a message: the stream ends, or the connection is lost, or it would be too large; all is reported', () =>
  Scene.run({ maxRequestBytes: 1000 }, async scene => {
    const half = async (end: (stream: ClientHttp2Stream) => void, bytes: Buffer) => {
      const session = connectHttp2(`http://127.0.0.1:${scene.xds.port}`);
      session.on('error', () => {});
      const stream = session.request({
        ':method': 'POST',
        ':path': method.path,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.on('error', () => {});
      stream.resume();
      stream.write(bytes);
      const before = scene.xds.counts().refused;
      await once(session, 'remoteSettings');
      end(stream);
      while (scene.xds.counts().refused === before) await new Promise(setImmediate);
      session.destroy();
    };
    await half(stream => stream.end(), beginning(100, 10));
    await half(stream => stream.close(), beginning(100, 10));
    await half(stream => stream.session?.destroy(), beginning(100, 10));
    await half(() => {}, beginning(1001, 1001));
    for (const { peer } of scene.events) assert.match(peer, /^127\.0\.0\.1:\d+$/);
    assert.match(scene.refusals()[0] ?? '', /^the stream ended in the middle of a message$/);
  }));

test('a connection that says nothing, and a stream that asks for nothing, are closed', () =>
  Scene.run({ firstRequestMs: 50 }, async scene => {
    const socket = await scene.socket();
    await once(socket.resume(), 'close');
    const stream = scene.stream();
    stream.resume();
    assert.equal((await failure(stream)).code, status.DEADLINE_EXCEEDED);
    assert.equal(scene.xds.counts().refused, 2);
  }));

test('a stream without a node, or of a node that is not ours, is refused', () =>
  Scene.run(
    {},
    async scene => {
      const nameless = scene.stream();
      nameless.write(request({ node: { id: '' } }));
      assert.equal((await failure(nameless)).code, status.INVALID_ARGUMENT);
      const stranger = scene.stream();
      stranger.write(request({ node: { id: 'stranger' } }));
      const { code, details } = await failure(stranger);
      assert.equal(code, status.NOT_FOUND);
      assert.equal(details, 'the node "stranger" belongs to no gateway of ours');
      assert.deepEqual(scene.xds.connected(), []);
    },
    { groupOf: ({ id }) => (id === 'test' ? '' : undefined) },
  ));

/** As a node says what it is. */
function envoy(majorNumber: number, minorNumber: number) {
  const value = { version: { majorNumber, minorNumber, patch: 3 } };
  return {
    id: 'test',
    userAgentName: 'envoy',
    userAgentVersionType: { case: 'userAgentBuildVersion' as const, value },
  };
}

test('an Envoy that is too old is refused with a line; newer ones than are known are served', () =>
  Scene.run({}, async scene => {
    const old = scene.stream();
    old.write(request({ node: envoy(1, 36) }));
    const { code, details } = await failure(old);
    assert.equal(code, status.FAILED_PRECONDITION);
    assert.equal(details, 'envoy 1.36.3 is older than 1.37, the oldest that is served');
    const [refused] = scene.events;
    assert.match(refused?.peer ?? '', /^127\.0\.0\.1:\d+$/);
    assert.equal(refused?.message, `stream ended: ${details}`);
    scene.xds.setSnapshot(makeSnapshot({ clusters: [create(ClusterSchema, { name: 'a' })] }));
    for (const [major, minor] of [
      [1, 37],
      [1, 99],
      [2, 0],
    ] as const) {
      const stream = scene.stream();
      stream.on('error', () => {});
      stream.write(request({ node: envoy(major, minor) }));
      await once(stream, 'data');
      stream.cancel();
    }
    const connected = scene.events.filter(({ kind }) => kind === 'connected').map(({ message }) => message);
    assert.deepEqual(connected, [
      'connected: envoy 1.37.3, state-of-the-world',
      'connected: envoy 1.99.3, state-of-the-world',
      'connected: envoy 2.0.3, state-of-the-world',
    ]);
  }));

test('more streams than allowed: those over the bound are refused, with few words, and the others are served', () =>
  Scene.run({ maxStreams: 50 }, async scene => {
    const opened = Array.from({ length: 100 }, () => scene.stream());
    let refused = 0;
    const ended = opened.map(async stream => {
      stream.on('data', () => {});
      const { code } = await failure(stream);
      if (code === status.RESOURCE_EXHAUSTED) refused += 1;
    });
    for (const stream of opened) stream.write(request({}));
    while (refused < 50) await new Promise(setImmediate);
    assert.equal(scene.xds.connected().length, 50);
    assert.equal(scene.xds.counts().refused, 50);
    assert.ok(scene.refusals().length < 5);
    for (const stream of opened) stream.cancel();
    await Promise.all(ended);
    while (scene.xds.connected().length > 0) await new Promise(setImmediate);
  }));

test('too many names, or connections, are refused', () =>
  Scene.run({ maxNames: 10, maxConnections: 3 }, async scene => {
    const greedy = scene.stream();
    const resourceNames = Array.from({ length: 11 }, (_, at) => `${at}`);
    greedy.write(request({ typeUrl: TYPE_URLS.endpoints, resourceNames }));
    assert.equal((await failure(greedy)).code, status.RESOURCE_EXHAUSTED);
    const sockets = [await scene.socket(), await scene.socket(), await scene.socket()];
    await once(sockets[2]!.resume(), 'close');
    assert.match(scene.refusals().join('\n'), /it asks for more than 10 names/);
    for (const socket of sockets) socket.destroy();
    while (scene.xds.counts().refused < 4) await new Promise(setImmediate);
  }));

test('a client that never reads is sent one response of each type, and others are served', () =>
  Scene.run({}, async scene => {
    const stream = scene.stream();
    stream.pause();
    stream.write(request({}));
    while (scene.xds.connected().length === 0) await new Promise(setImmediate);
    for (let round = 0; round < 200; round += 1) {
      const clusters = [create(ClusterSchema, { name: 'a', altStatName: `${round}`.padEnd(1_000_000, 'x') })];
      scene.xds.setSnapshot(makeSnapshot({ clusters }));
      await new Promise(setImmediate);
    }
    assert.equal(scene.xds.connected()[0]?.settled, false);
    const got: DiscoveryResponse[] = [];
    stream.on('data', response => got.push(response));
    stream.resume();
    await once(stream, 'data');
    stream.write(request({ responseNonce: got[0]!.nonce, versionInfo: got[0]!.versionInfo }));
    await once(stream, 'data');
    const rounds = got.map(
      ({ resources }) => fromBinary(ClusterSchema, resources[0]!.value).altStatName.split('x')[0],
    );
    assert.deepEqual(rounds, ['0', '199']);
    stream.on('error', () => {});
    stream.cancel();
  }));

test('an answer to nothing is ignored and counted; an unknown type is named', () =>
  Scene.run({}, async scene => {
    const stream = scene.stream();
    stream.on('error', () => {});
    scene.xds.setSnapshot(makeSnapshot({ clusters: [create(ClusterSchema, { name: 'a' })] }));
    stream.write(request({}));
    await once(stream, 'data');
    stream.write(request({ responseNonce: 'never sent' }));
    stream.write(request({ typeUrl: 'type.googleapis.com/none' }));
    while (scene.xds.counts().unsupported === 0) await new Promise(setImmediate);
    const kinds = scene.events.map(({ kind, message }) => `${kind}: ${message}`);
    assert.deepEqual(kinds, [
      'connected: connected: an unnamed client, state-of-the-world',
      'stale: answered an old response: cluster',
      'unsupported: asks for "type.googleapis.com/none", which is not served',
    ]);
    assert.equal(scene.xds.connected()[0]?.settled, false);
    stream.cancel();
  }));

test('a control plane with a token tells nothing to who does not show it, and all to who does', () =>
  Scene.run(
    {},
    async scene => {
      scene.xds.setSnapshot(makeSnapshot({ clusters: [create(ClusterSchema, { name: 'a' })] }));
      for (const shown of [undefined, 'Bearer other', 'Bearer right ', 'right']) {
        const stream = scene.stream(method.requestSerialize, shown);
        stream.write(request({}));
        assert.equal((await failure(stream)).code, status.UNAUTHENTICATED);
      }
      assert.equal(scene.xds.counts().refused, 4);
      assert.deepEqual(scene.xds.connected(), []);
      scene.shows = 'Bearer right';
    },
    { authorization: 'Bearer right' },
  ));

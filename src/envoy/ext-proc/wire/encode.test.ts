import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { overflowReply } from '../../../request/index.ts';
import {
  type HeaderMutation,
  ProcessingResponseSchema,
} from '../../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import type { PickerReply } from '../message.ts';
import { encodeReply } from './encode.ts';

const read = (reply: PickerReply) => fromBinary(ProcessingResponseSchema, encodeReply(reply));
const headersOf = (mutation: HeaderMutation) =>
  mutation.setHeaders.map(({ header }) => [header?.key, Buffer.from(header?.rawValue ?? []).toString()]);

test('a pick is a header and the same in dynamic metadata', () => {
  for (const clearRouteCache of [false, true]) {
    const reply = {
      kind: 'picked',
      phase: 'request-headers',
      destination: 'a:1,b:2',
      clearRouteCache,
    } as const;
    const { response, dynamicMetadata } = read(reply);
    assert.equal(response.case, 'requestHeaders');
    const common = response.value?.response;
    assert.deepEqual(headersOf(common!.headerMutation!), [['x-gateway-destination-endpoint', 'a:1,b:2']]);
    assert.equal(common?.clearRouteCache, clearRouteCache);
    assert.deepEqual(dynamicMetadata, { 'envoy.lb': { 'x-gateway-destination-endpoint': 'a:1,b:2' } });
  }
});

test('a body that was rewritten comes with its length', () => {
  const body = Buffer.from('{"model":"x"}');
  const { response } = read({
    kind: 'picked',
    phase: 'request-body',
    destination: 'a:1',
    clearRouteCache: false,
    contentLength: body.length,
    body,
  });
  assert.equal(response.case, 'requestBody');
  const common = response.value?.response;
  assert.deepEqual(headersOf(common!.headerMutation!)[1], ['content-length', '13']);
  assert.deepEqual(common?.bodyMutation?.mutation, { case: 'body', value: body });
});

test('pieces of a body', () => {
  for (const [size, endOfStream] of [
    [0, true],
    [0, false],
    [100, true],
    [62_000, false],
  ] as const) {
    const body = Buffer.alloc(size, 'x');
    const { response } = read({ kind: 'body', phase: 'response-body', body, endOfStream });
    assert.equal(response.case, 'responseBody');
    const mutation = response.value?.response?.bodyMutation?.mutation;
    assert.equal(mutation?.case, 'streamedResponse');
    assert.ok(mutation?.case === 'streamedResponse');
    assert.deepEqual(Buffer.from(mutation.value.body), body);
    assert.equal(mutation.value.endOfStream, endOfStream);
  }
});

test('the overflow answer, byte for byte', () => {
  const overflow = {
    limit: 'maxParallelRequests',
    scope: 's',
    inUse: 1,
    max: 1,
    retryAfterSeconds: 2,
  } as const;
  const reply = overflowReply(overflow, true);
  const { response } = read({ kind: 'immediate', reply, extra: ['a', 'b'] });
  assert.ok(response.case === 'immediateResponse');
  assert.equal(response.value.status?.code, 503);
  assert.equal(
    Buffer.from(response.value.body).toString(),
    'upstream connect error or disconnect/reset before headers. reset reason: overflow',
  );
  assert.deepEqual(headersOf(response.value.headers!), [
    ['content-type', 'text/plain'],
    ['x-envoy-overloaded', 'true'],
    ['x-breakwater-reason', 'limit=maxParallelRequests; scope="s"; in-use=1; max=1'],
    ['retry-after', '2'],
    ['a', 'b'],
  ]);
});

test('answers that change nothing', () => {
  for (const phase of ['request-headers', 'request-body', 'response-trailers'] as const) {
    const { response } = read({ kind: 'continue', phase });
    assert.equal(
      response.case,
      phase.replace(/-(.)/, (_, letter: string) => letter.toUpperCase()),
    );
  }
});

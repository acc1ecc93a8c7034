import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { messageField, textField } from '../../../wire/index.ts';
import type { HeaderValueSchema } from '../../gen/envoy/config/core/v3/base_pb.ts';
import { ProcessingRequestSchema } from '../../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { BODY_MODES } from '../message.ts';
import { decodeMessage } from './decode.ts';

type Init = MessageInitShape<typeof ProcessingRequestSchema>;
const encoded = (init: Init) =>
  Buffer.from(toBinary(ProcessingRequestSchema, create(ProcessingRequestSchema, init)));

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const rawHeader = fc.record({
  key: fc.oneof(fc.constantFrom('x-request-id', 'content-length', ':status', 'accept', ':path'), text),
  rawValue: fc.uint8Array({ maxLength: 30 }),
});

test('headers are told from a message that is encoded by the library, whatever else is in it', () => {
  fc.assert(
    fc.property(
      fc.array(rawHeader),
      fc.uuid(),
      fc.nat(),
      fc.boolean(),
      fc.constantFrom('', 'batch'),
      fc.option(fc.array(text), { nil: undefined }),
      fc.option(fc.constantFrom(0, 1, 2, 3, 4, 5), { nil: undefined }),
      (others, id, length, endOfStream, objective, subset, mode) => {
        const headers: MessageInitShape<typeof HeaderValueSchema>[] = [
          ...others.filter(
            ({ key }) => !['x-request-id', 'content-length', ':status', ':path'].includes(key),
          ),
          { key: 'x-request-id', rawValue: new Uint8Array(Buffer.from(id)) },
          { key: 'content-length', value: String(length) },
          { key: ':path', value: '/v1/messages' },
          { key: 'content-type', rawValue: new Uint8Array(Buffer.from('application/json')) },
          { key: 'content-encoding', value: 'gzip' },
          { key: 'x-gateway-inference-objective', rawValue: new Uint8Array(Buffer.from(objective)) },
        ];
        const bytes = encoded({
          request: { case: 'requestHeaders', value: { headers: { headers }, endOfStream } },
          attributes: { a: { b: [1, 'c', { d: null }] } },
          ...(subset === undefined
            ? {}
            : {
                metadataContext: {
                  filterMetadata: {
                    other: { x: 1 },
                    'envoy.lb.subset_hint': { 'x-gateway-destination-endpoint-subset': subset },
                  },
                },
              }),
          ...(mode === undefined ? {} : { protocolConfig: { requestBodyMode: mode, responseBodyMode: 0 } }),
        });
        assert.deepEqual(decodeMessage(bytes), {
          kind: 'request-headers',
          method: '',
          requestId: id,
          target: '/v1/messages',
          contentType: 'application/json',
          contentEncoding: 'gzip',
          contentLength: length,
          objective,
          explain: false,
          operator: false,
          upgrade: false,
          endOfStream,
          subset,
          modes: mode === undefined ? undefined : { request: BODY_MODES[mode], response: 'NONE' },
        });
      },
    ),
  );
});

test('bodies, trailers, and the endpoint that served', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (body, endOfStream) => {
      const part = { body, endOfStream };
      assert.deepEqual(decodeMessage(encoded({ request: { case: 'requestBody', value: part } })), {
        kind: 'request-body',
        body: Buffer.from(body),
        endOfStream,
      });
    }),
  );
  assert.deepEqual(decodeMessage(encoded({ request: { case: 'requestTrailers', value: {} } })), {
    kind: 'request-trailers',
  });
  const response = encoded({
    request: {
      case: 'responseHeaders',
      value: { headers: { headers: [{ key: ':status', rawValue: Buffer.from('200') }] } },
    },
    metadataContext: {
      filterMetadata: { 'envoy.lb': { 'x-gateway-destination-endpoint-served': '10.0.0.1:8000' } },
    },
  });
  assert.deepEqual(decodeMessage(response), {
    kind: 'response-headers',
    status: 200,
    contentLength: -1,
    served: '10.0.0.1:8000',
    outcome: undefined,
  });
});

test('a length that is no whole number is none, and an empty header counts only where it says something by being there', () => {
  const head = (headers: MessageInitShape<typeof HeaderValueSchema>[]) =>
    decodeMessage(encoded({ request: { case: 'requestHeaders', value: { headers: { headers } } } }));
  for (const value of ['', '-5', '1e3', '0x10', '12 ', '9007199254740992', '1'.repeat(400)])
    assert.partialDeepStrictEqual(head([{ key: 'content-length', value }]), { contentLength: -1 });
  assert.partialDeepStrictEqual(head([{ key: 'content-length', value: '9007199254740991' }]), {
    contentLength: Number.MAX_SAFE_INTEGER,
  });
  // The library leaves out values that are empty; others may send them.
  const empty = ['upgrade', 'x-breakwater-explain', ':method', ':methoe'].map(name =>
    messageField(1, textField(1, name), textField(3, '')),
  );
  assert.partialDeepStrictEqual(decodeMessage(messageField(2, messageField(1, ...empty))), {
    upgrade: false,
    explain: true,
    method: '',
  });
  const long = head([{ key: 'x-request-id', value: 'x'.repeat(5000) }]);
  assert.ok(long.kind === 'request-headers' && long.requestId.length === 201);
});

test('garbage, and messages that are cut anywhere, are malformed or another message; nothing is thrown', () => {
  const whole = encoded({
    request: {
      case: 'requestHeaders',
      value: {
        headers: { headers: [{ key: 'x-request-id', rawValue: Buffer.from('a') }] },
        endOfStream: true,
      },
    },
    metadataContext: { filterMetadata: { 'envoy.lb.subset_hint': {} } },
  });
  for (let at = 0; at < whole.length; at++) decodeMessage(whole.subarray(0, at));
  assert.equal(decodeMessage(whole.subarray(0, 10)).kind, 'malformed');
  assert.equal(decodeMessage(Buffer.alloc(0)).kind, 'malformed');
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => void decodeMessage(Buffer.from(bytes))));
});

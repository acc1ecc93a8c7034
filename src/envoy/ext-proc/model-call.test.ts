import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import {
  ExternalProcessor,
  type ProcessingRequest,
  ProcessingRequestSchema,
  type ProcessingResponse,
} from '../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { answerOf, bench, clientOf, closeAll, headers, inUse, plain } from './bench-for-test.ts';
import type { ExtProcBounds } from './ext-proc-bounds.ts';
import { MODEL_METADATA } from './model-call.ts';

after(closeAll);

type Stream = ClientDuplexStream<ProcessingRequest, ProcessingResponse>;
const message = (request: NonNullable<MessageInitShape<typeof ProcessingRequestSchema>['request']>) =>
  create(ProcessingRequestSchema, { request });
const head = (...fields: readonly [string, string][]) =>
  message({
    case: 'requestHeaders',
    value: {
      headers: { headers: fields.map(([key, value]) => ({ key, rawValue: Buffer.from(value) })) },
      endOfStream: false,
    },
  });
const body = (text: string) =>
  message({ case: 'requestBody', value: { body: Buffer.from(text), endOfStream: true } });

async function start(names: string, bounds: Partial<ExtProcBounds> = {}) {
  const { state, server, events } = await bench({ limit: 1 }, bounds);
  const client = clientOf(ExternalProcessor, server.port, plain);
  const open = () => {
    const metadata = new Metadata();
    metadata.set(MODEL_METADATA, names);
    const call = (client as unknown as Record<string, (metadata: Metadata) => Stream>)['process']!(metadata);
    call.on('error', () => {});
    return call;
  };
  return { state, events, open };
}

/** What is set, and whether the route is chosen anew. */
function said({ response }: ProcessingResponse) {
  assert.equal(response.case, 'requestBody');
  const common = (response as Extract<typeof response, { case: 'requestBody' }>).value.response;
  const set = common?.headerMutation?.setHeaders ?? [];
  return {
    set: set.map(({ header, appendAction }) => [header?.key, String(header?.rawValue), appendAction]),
    anew: common?.clearRouteCache ?? false,
  };
}

test('the model of a body, in the headers that are asked for, over what is there; no permit is taken', async () => {
  const { state, open } = await start('x-ai-eg-model,x-gateway-model-name');
  const stream = open();
  stream.write(head(['content-type', 'application/json']));
  assert.equal((await answerOf(stream)).response.case, 'requestHeaders');
  stream.write(body('{"model":"org/small"}'));
  assert.deepEqual(said(await answerOf(stream)), {
    set: [
      ['x-ai-eg-model', 'org/small', 2],
      ['x-gateway-model-name', 'org/small', 2],
    ],
    anew: true,
  });
  assert.equal(inUse(state), 0);
  assert.equal(state.context.bodies.heldBytes, 0);
  stream.end();
});

test('a body without a model changes nothing; names that are no such headers are not set', async () => {
  const { open } = await start('x-gateway-model-name,host');
  for (const [text, set] of [
    ['no JSON', []],
    ['{"model":"a\\r\\nb"}', []],
    ['{"model":"m"}', [['x-gateway-model-name', 'm', 2]]],
  ] as const) {
    const stream = open();
    stream.write(head());
    await answerOf(stream);
    stream.write(body(text));
    assert.deepEqual(said(await answerOf(stream)), { set, anew: set.length > 0 });
    stream.end();
  }
});

test('what is sure to be too large, or has no room, is refused by its head', async () => {
  const { open } = await start('x-gateway-model-name', { maxBodyBytes: 1000, maxHeldBytes: 500 });
  for (const [length, status] of [
    ['1001', 413],
    ['501', 503],
  ] as const) {
    const stream = open();
    stream.write(head(['content-length', length]));
    const { response } = await answerOf(stream);
    assert.ok(response.case === 'immediateResponse');
    assert.equal(response.value.status?.code, status);
  }
});

test('a request without a body goes on, and nothing more is said', async () => {
  const { open } = await start('x-gateway-model-name');
  const stream = open();
  stream.write(headers(true));
  assert.equal((await answerOf(stream)).response.case, 'requestHeaders');
  const ended = new Promise<{ code: number }>(resolve => stream.once('status', resolve));
  assert.equal((await ended).code, 0);
});

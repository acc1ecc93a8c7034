import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { after, test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { until } from '../../../test/support/until.ts';
import { type Bench, bench, closeAll } from '../ext-proc/bench-for-test.ts';
import { CLUSTER } from '../ext-proc/picker-state-for-test.ts';
import { StreamAccessLogsMessageSchema } from '../gen/envoy/service/accesslog/v3/als_pb.ts';
import { ACCESS_LOG_PATH } from './access-log-service.ts';

after(closeAll);

const CALL = { ':method': 'POST', ':path': ACCESS_LOG_PATH, 'content-type': 'application/grpc' };

function framed(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

const ENTRY = framed(
  toBinary(
    StreamAccessLogsMessageSchema,
    create(StreamAccessLogsMessageSchema, {
      logEntries: {
        case: 'httpLogs',
        value: {
          logEntry: [{ commonProperties: { upstreamCluster: CLUSTER }, response: { responseCode: 200 } }],
        },
      },
    }),
  ),
);

/** The metrics, once so many requests are counted. */
async function untilCounted(
  { state, server }: Pick<Bench, 'state' | 'server'>,
  count: number,
): Promise<string> {
  const isThere = new RegExp(`^breakwater_envoy_requests_total\\{.*\\} ${count}$`, 'm');
  return await until(`${count} entries`, async () => {
    const text = await state.metricsText(registry => server.addMetrics(registry));
    return isThere.test(text) ? text : undefined;
  });
}

test('garbage ends its stream, with a line and a count; the other streams are read on', async () => {
  const { state, server, events } = await bench();
  const session = connect(`http://127.0.0.1:${server.port}`);
  const good = session.request(CALL);
  good.on('error', () => {});
  good.resume();
  good.write(ENTRY);
  const bad = session.request(CALL);
  bad.resume();
  bad.end(framed(Buffer.from([0x12, 9])));
  await once(bad, 'close');
  assert.match(events[0] ?? '', /^ext_proc client 127\.0\.0\.1:\d+: no StreamAccessLogsMessage: /);
  good.write(ENTRY);
  const counted = await untilCounted({ state, server }, 2);
  assert.match(counted, /^breakwater_picker_bad_input_total 1$/m);
  assert.match(counted, /^breakwater_picker_streams 0$/m);
  session.destroy();
});

test('a picker that stops does not wait for the end of the access log', async () => {
  const one = await bench();
  const session = connect(`http://127.0.0.1:${one.server.port}`);
  const log = session.request(CALL);
  log.resume().on('end', () => log.end());
  log.write(ENTRY);
  await untilCounted(one, 1);
  await one.server.drain(600_000);
  assert.equal(session.destroyed || session.closed, true);
});

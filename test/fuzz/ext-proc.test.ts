import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { after, test } from 'node:test';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  bench,
  closeAll,
  inUse,
  PICK_REQUEST,
  PROCESS_CALL,
} from '../../src/envoy/ext-proc/bench-for-test.ts';
import { CLUSTER } from '../../src/envoy/ext-proc/picker-state-for-test.ts';
import { ProcessingRequestSchema } from '../../src/envoy/gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { until } from '../support/until.ts';
import { Chance } from './support/chance.ts';
import { monsterWith, requestsWith } from './support/corpus.ts';
import { mutateBytes } from './support/mutate-bytes.ts';
import { seedOfTheDay } from './support/seed.ts';

after(closeAll);

const STREAMS = 3000;
const AT_ONCE = 50;

type Init = NonNullable<MessageInitShape<typeof ProcessingRequestSchema>['request']>;

/** The messages of one request as Envoy sends them, each in its gRPC frame. */
function messagesOf(chance: Chance): string[] {
  const whole = chance.of(0.03) ? monsterWith('n', chance) : chance.one(requestsWith('n'));
  const body = whole.slice(whole.indexOf('\r\n\r\n') + 4);
  const header = (key: string, value: string) => ({ key, rawValue: Buffer.from(value, 'latin1') });
  const requestHeaders = [header(':method', 'POST'), header(':path', '/v1/chat/completions')];
  const inits: Init[] = [
    {
      case: 'requestHeaders',
      value: {
        headers: { headers: [...requestHeaders, header('x-request-id', 'i')] },
        endOfStream: body === '',
      },
    },
    { case: 'requestBody', value: { body: Buffer.from(body, 'latin1'), endOfStream: true } },
    {
      case: 'responseHeaders',
      value: { headers: { headers: [header(':status', chance.one(['200', '404', '500']))] } },
    },
    { case: 'responseTrailers', value: {} },
  ];
  return inits.map(request => {
    const message = Buffer.from(
      toBinary(ProcessingRequestSchema, create(ProcessingRequestSchema, { request })),
    );
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    return Buffer.concat([prefix, message]).toString('latin1');
  });
}

test('mutated messages of a gateway end their stream at most: the picker goes on, and holds nothing of them', async t => {
  const chance = new Chance(seedOfTheDay(t));
  const { state, server, events } = await bench({ limit: 16 });
  let session: ClientHttp2Session | undefined;
  const open = () => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(`http://127.0.0.1:${server.port}`);
      session.on('error', () => {});
    }
    return session;
  };
  const one = async () => {
    const stream = open().request({ ...PROCESS_CALL, 'x-breakwater-cluster': CLUSTER });
    stream.on('error', () => {});
    stream.resume();
    const closed = once(stream, 'close');
    const messages = messagesOf(chance);
    // A frame that is cut short waits for its rest: its client gives up.
    for (const message of messages) {
      const sent = chance.of(0.4) ? mutateBytes(message, chance) : message;
      stream.write(Buffer.from(sent, 'latin1'));
      if (chance.of(0.2)) await new Promise(resolve => setImmediate(resolve));
    }
    if (chance.of(0.5)) stream.close(8);
    else stream.end();
    const late = setTimeout(() => stream.close(8), 200);
    await closed;
    clearTimeout(late);
  };
  for (let sent = 0; sent < STREAMS; sent += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, one));
  await until('nothing is held any more', () => inUse(state) === 0);
  const stream = open().request({ ...PROCESS_CALL, 'x-breakwater-cluster': CLUSTER });
  stream.write(PICK_REQUEST);
  const [answer] = (await once(stream, 'data')) as [Buffer];
  assert.ok(answer.length > 5);
  stream.close();
  session?.destroy();
  t.diagnostic(`${events.length} events`);
  assert.ok(events.length < 100, 'what is said of bad input is bounded');
});

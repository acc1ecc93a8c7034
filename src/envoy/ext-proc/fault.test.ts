import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { until } from '../../../test/support/until.ts';
import { Observers, type TryOutcome } from '../../request/index.ts';
import {
  ExternalProcessor,
  ProcessingRequestSchema,
  type ProcessingResponse,
} from '../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { answerOf, bench, clientOf, closeAll, headers, inUse, plain, processOn } from './bench-for-test.ts';
import type { PickContext } from './pick-context.ts';
import { CLUSTER } from './picker-state-for-test.ts';
import type { PoolTarget } from './pool-target.ts';

after(closeAll);

/** What the gateway is told of the request that something of ours threw in. */
type Told = 'a 500' | 'INTERNAL' | 'nothing';

const CASES: readonly { readonly at: string; readonly told: Told; readonly response?: true }[] = [
  { at: 'targetOf', told: 'INTERNAL' },
  { at: 'ownership.grants', told: 'INTERNAL' },
  { at: 'context.newRequestId', told: 'a 500' },
  { at: 'observer.began', told: 'nothing' },
  { at: 'ownership.foreign', told: 'a 500' },
  { at: 'choice.choose', told: 'a 500' },
  { at: 'limits.acquire', told: 'a 500' },
  { at: 'choice.started', told: 'a 500' },
  { at: 'choice.observed', told: 'a 500', response: true },
  { at: 'choice.ended', told: 'nothing' },
  { at: 'observer.ended', told: 'nothing' },
];

const RESPONSE = create(ProcessingRequestSchema, {
  request: {
    case: 'responseHeaders',
    value: { headers: { headers: [{ key: ':status', rawValue: Buffer.from('200') }] }, endOfStream: false },
  },
});

/** A picker whose parts throw once, where it is said. */
async function scene(at: string) {
  let throws = 1;
  let faults = 0;
  const maybe = (name: string) => {
    if (name !== at || throws === 0) return;
    throws--;
    throw new TypeError(`${at} is undefined`);
  };
  const part = <T extends object>(name: string, of: T): T =>
    new Proxy(of, {
      get(target, key) {
        const value = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (key === 'observed' && args[1] !== undefined && (args[1] as TryOutcome).kind === 'failure')
            faults++;
          const here = `${name}.${String(key)}`;
          if (key !== 'ended') maybe(here);
          const result = value.apply(target, args);
          if (key === 'ended') maybe(here);
          return result;
        };
      },
    });
  const made = await bench({ limit: 1 }, {}, undefined, state => {
    const { context } = state;
    const throwing: PickContext = part('context', {
      ...context,
      limits: part('limits', context.limits),
      observers: new Observers(
        [
          part('observer', { began: () => {}, ended: () => {} }),
          {
            began: decision => context.observers.began(decision),
            ended: decision => context.observers.ended(decision),
          },
        ],
        context.faults,
      ),
    });
    return {
      context: throwing,
      targetOf: () => {
        maybe('targetOf');
        const target = state.cluster(CLUSTER) as PoolTarget;
        return {
          ...target,
          choice: part('choice', target.choice),
          ownership: part('ownership', target.ownership),
        };
      },
    };
  });
  return { ...made, thrown: () => throws === 0, faults: () => faults };
}

for (const { at, told, response } of CASES) {
  test(`${at} throws: the gateway is told ${told}, nothing is held, and the next request is served`, async () => {
    const { state, server, events, thrown, faults } = await scene(at);
    const client = clientOf(ExternalProcessor, server.port, plain);
    const stream = processOn(client);
    const ended = new Promise<{ code: number }>(resolve => stream.on('status', resolve));
    const got: ProcessingResponse[] = [];
    stream.on('data', (answer: ProcessingResponse) => got.push(answer));
    stream.write(headers(true));
    if (told === 'nothing' || response) {
      await until('the pick', () => got.length === 1);
      if (response) stream.write(RESPONSE);
      else stream.end();
    }
    const status = await ended;
    assert.equal(status.code, told === 'INTERNAL' ? 13 : 0);
    const last = got.at(-1)?.response;
    if (told === 'a 500') {
      assert.ok(last?.case === 'immediateResponse');
      assert.equal(last.value.status?.code, 500);
      const set = last.value.headers?.setHeaders.map(({ header }) => `${header?.key}: ${header?.rawValue}`);
      assert.ok(set?.includes('x-breakwater-reason: BW_REQUEST_FAULT'), `${set}`);
    } else assert.notEqual(last?.case, 'immediateResponse');
    assert.ok(thrown());
    await until('all is given back', () => inUse(state) === 0);
    assert.equal(events.length, 1, events.join('\n'));
    assert.match(events[0] as string, new RegExp(`${at} is undefined.*\\[BW_REQUEST_FAULT\\]$`));
    assert.equal(faults(), 0, 'no model server is to blame');
    const next = processOn(client);
    next.write(headers(true));
    assert.equal((await answerOf(next)).response.case, 'requestHeaders');
    next.cancel();
    await until('what the next one held is given back', () => inUse(state) === 0);
  });
}

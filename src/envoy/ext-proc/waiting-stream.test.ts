import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { step } from '../../request/steps/step.ts';
import { ORDER, stepsOf } from '../../request/steps/steps.ts';
import { ExternalProcessor } from '../gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { answerOf, bench, clientOf, closeAll, headers, inUse, plain, processOn } from './bench-for-test.ts';

after(closeAll);

/** @param failing what it has waited for throws */
async function waitingBench(failing = false) {
  const waiting: (() => void)[] = [];
  const waited = new WeakSet<object>();
  const added = step('added', 'head', request => {
    if (waited.has(request)) {
      if (failing) throw new Error('something of ours');
      return undefined;
    }
    waited.add(request);
    request.waitMs = 60_000;
    waiting.push(() => request.goesOn());
    return 'wait';
  });
  const steps = stepsOf([added, ...ORDER]);
  const scene = await bench({}, {}, undefined, state => ({ context: { ...state.context, steps } }));
  const stream = processOn(clientOf(ExternalProcessor, scene.server.port, plain));
  stream.write(headers(true));
  return { ...scene, stream, waiting, moreTime: await answerOf(stream) };
}

test('a gateway is told how long a step may take, and gets its pick when that is over', async () => {
  const { stream, waiting, moreTime, state } = await waitingBench();
  assert.equal(moreTime.overrideMessageTimeout?.seconds, 61n);
  assert.equal(inUse(state), 0, 'nothing is taken while it waits');
  const picked = answerOf(stream);
  waiting[0]?.();
  assert.equal((await picked).response.case, 'requestHeaders');
  assert.ok(inUse(state) > 0);
  waiting[0]?.();
  stream.end();
  await once(stream, 'end');
  assert.equal(inUse(state), 0);
});

test('a step that throws when it is asked again costs its own request', async () => {
  const { stream, waiting, state } = await waitingBench(true);
  const answer = answerOf(stream);
  waiting[0]?.();
  const { response } = await answer;
  assert.ok(response.case === 'immediateResponse');
  assert.equal(response.value.status?.code, 500);
  await once(stream, 'end');
  assert.equal(inUse(state), 0);
});

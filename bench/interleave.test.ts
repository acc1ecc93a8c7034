import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gateway } from './gateways/gateway.ts';
import { failures, interleave, ratioToBaseline } from './interleave.ts';
import { Workbench } from './processes.ts';

/** A gateway that does nothing. */
function sleeper(name: string): Gateway {
  return { name, start: async ({ bench }) => bench.start(name, ['sleep', '60']) };
}

const broken: Gateway = {
  name: 'broken',
  start: async () => {
    throw new Error('no such program');
  },
};

test('rounds take all in turn; what fails is left out of the next rounds and does not stop the others', async () => {
  const bench = new Workbench();
  const turns: string[] = [];
  const figures: Record<string, number> = { HAProxy: 10, other: 25 };
  const all = await interleave<number>({
    rounds: 2,
    patienceMs: 0,
    gateways: [sleeper('HAProxy'), broken, sleeper('other')],
    setting: { bench, cores: { load: undefined, gateway: undefined }, endpoints: [], checksEndpoints: false },
    progress: () => {},
    async measure({ name }) {
      turns.push(name);
      return figures[name]!;
    },
  });
  assert.deepEqual(turns, ['HAProxy', 'other', 'HAProxy', 'other']);
  assert.equal(
    ratioToBaseline(all, all.find(series => series.name === 'other')!, sample => sample),
    2.5,
  );
  assert.deepEqual(failures(all), ['broken was not measured to the end: no such program']);
});

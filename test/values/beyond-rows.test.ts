import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EnvoyPlane } from '../../src/envoy/envoy-plane.ts';
import type { Plan, PlaneKind, PlaneReport } from '../../src/plan/index.ts';
import { EmbeddedPlane } from '../../src/proxy/embedded-plane.ts';
import { Ports } from '../../src/proxy/plane/listening-ports.ts';
import { envoyPath } from '../support/envoy.ts';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { Echo, hosts, statusOf } from './support/hosts.ts';

const ROWS = 8;
const NAMES = Array.from({ length: ROWS + 3 }, (_, i) => `r${String(i).padStart(2, '0')}`);

let echo: Echo;
before(async () => {
  echo = await Echo.start();
});
after(() => echo?.close());

interface TestedPlane {
  apply(plan: Plan): Promise<PlaneReport>;
  close(): Promise<void>;
}

const START: Readonly<Record<PlaneKind, (say: (message: string) => void) => Promise<TestedPlane>>> = {
  embedded: onEvent =>
    EmbeddedPlane.start({ address: '127.0.0.1', portOffset: 0, workers: 1, tableRows: ROWS, onEvent }),
  envoy: async onEvent => {
    const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
    return await EnvoyPlane.start({
      envoyPath: await envoyPath(),
      concurrency: 1,
      findPorts: (servers, current) => ports.find(servers, current),
      tableRows: ROWS,
      onEvent,
      onLog: () => {},
    });
  },
};

for (const kind of ['embedded', 'envoy'] as const)
  test(`${kind}: routes that find no row are named and get 500, and all others are served`, {
    timeout: 60_000,
  }, async t => {
    const said: string[] = [];
    const plane = await START[kind](message => said.push(message));
    t.after(() => plane.close());
    const port = await freePort();
    const apply = async (names: readonly string[], beyond: readonly string[]) => {
      const plan = planOf(hosts(port, echo.port, names), { plane: kind });
      const report = await plane.apply(plan);
      assert.equal(report.error, undefined);
      assert.equal(report.version, plan.version);
      assert.deepEqual((report.leftOut ?? []).map(({ source }) => source.name).sort(), [...beyond].sort());
      for (const name of names)
        assert.equal(await statusOf(port, `${name}.test`), beyond.includes(name) ? 500 : 200, name);
    };
    await apply(NAMES.slice(0, 4), []);
    await apply(NAMES, ['r08', 'r09', 'r10']);
    assert.ok(
      said.some(text => /HTTPRoute default\/r09 .*no row is left in the table/.test(text)),
      said.join('\n'),
    );
    // What is served keeps its rows, wherever it stands.
    await apply(['new', ...NAMES.slice(0, ROWS)], ['new']);
  });

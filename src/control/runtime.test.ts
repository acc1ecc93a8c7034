import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { IdlePlane } from '../../test/support/idle-plane.ts';
import { parseObject } from '../api/index.ts';
import { VirtualClock } from '../kernel/virtual-clock-for-test.ts';
import type { PlaneReport } from '../plan/index.ts';
import { fileSource, overlaySource } from '../source/index.ts';
import { EventLog } from './event-log.ts';
import { Runtime } from './runtime.ts';
import type { Workloads } from './workloads.ts';

const folder = mkdtempSync(join(tmpdir(), 'breakwater-runtime-'));
after(() => rmSync(folder, { recursive: true }));

const MANIFESTS = `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: example.com/ours }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gateway }
spec: { gatewayClassName: class, listeners: [{ name: http, protocol: HTTP, port: 80 }] }
`;

const NOTHING_RUNS: Workloads = {
  apply: async () => {},
  pods: () => [],
  deploymentStatuses: () => [],
  notes: () => [],
  onChange: () => () => {},
};

/** A plane whose servers come and go by themselves. */
class MovingPlane extends IdlePlane {
  error: string | undefined = 'nobody is connected';
  readonly #listeners = new Set<() => void>();

  override async apply(plan: Parameters<IdlePlane['apply']>[0]): Promise<PlaneReport> {
    await super.apply(plan);
    return this.report();
  }

  report(): PlaneReport {
    const { version = '', servers = [] } = this.plan ?? {};
    const bound = { address: '0.0.0.0', port: 10_080 };
    return {
      version,
      servers: servers.map(({ name }) =>
        this.error === undefined ? { name, bound } : { name, error: this.error },
      ),
    };
  }

  onReport(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(error: string | undefined): void {
    this.error = error;
    for (const listener of this.#listeners) listener();
  }
}

function programmed({ cycle }: Runtime): string | undefined {
  const status = cycle?.statuses.find(({ kind }) => kind === 'Gateway')?.status as
    | { readonly conditions: readonly { readonly type: string; readonly status: string }[] }
    | undefined;
  return status?.conditions.find(({ type }) => type === 'Programmed')?.status;
}

test('servers that come and go change statuses, without another translation or plan; manifests make both anew', async () => {
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, MANIFESTS);
  const source = overlaySource(await fileSource({ paths: [file], watch: false }));
  const plane = new MovingPlane();
  const log = new EventLog(Date.now);
  const runtime = new Runtime(
    { source, workloads: NOTHING_RUNS, plane, controllerNames: ['example.com/ours'] },
    log,
  );
  try {
    await runtime.refresh();
    assert.equal(programmed(runtime), 'False');
    const { translation } = runtime.cycle!;

    plane.set(undefined);
    await runtime.refresh();
    assert.equal(programmed(runtime), 'True');
    plane.set('all have gone');
    await runtime.refresh();
    assert.equal(programmed(runtime), 'False');
    assert.equal(runtime.cycle!.translation, translation, 'translated once');
    assert.equal(plane.applied, 1);

    source.delete([
      { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', namespace: 'default', name: 'gateway' },
    ]);
    await runtime.refresh();
    assert.notEqual(runtime.cycle!.translation, translation);
    assert.deepEqual(plane.plan?.servers, []);
    assert.equal(plane.applied, 2);
  } finally {
    runtime.close();
    await source.close();
  }
});

test('a status that was written comes back without another translation, and is seen', async () => {
  const read = (revision: number, port = 80) =>
    parseObject({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'gateway', resourceVersion: String(revision) },
      spec: { gatewayClassName: 'class', listeners: [{ name: 'http', protocol: 'HTTP', port }] },
      status: { revision },
    });
  const file = join(folder, 'class.yaml');
  writeFileSync(file, MANIFESTS.slice(0, MANIFESTS.indexOf('---')));
  const source = overlaySource(await fileSource({ paths: [file], watch: false }));
  const plane = new MovingPlane();
  const runtime = new Runtime(
    { source, workloads: NOTHING_RUNS, plane, controllerNames: ['example.com/ours'] },
    new EventLog(Date.now),
  );
  const put = async (parsed: ReturnType<typeof read>) => {
    source.apply([parsed.object!]);
    await runtime.refresh();
    const { translation, statuses, set } = runtime.cycle!;
    return { translation, statuses, status: set.get('Gateway', 'default', 'gateway')?.status };
  };
  try {
    const first = await put(read(1));
    const echo = await put(read(2));
    assert.equal(echo.translation, first.translation);
    assert.equal(echo.statuses, first.statuses);
    assert.deepEqual(echo.status, { revision: 2 });
    const edited = await put(read(3, 81));
    assert.notEqual(edited.translation, first.translation);
    assert.match(await runtime.times.text(), /_count\{step="translate"\} 2$/m);
    assert.match(await runtime.times.text(), /_count\{step="apply"\} 2$/m);
  } finally {
    runtime.close();
    await source.close();
  }
});

/** A plane that refuses a plan so often. */
class RefusingPlane extends IdlePlane {
  refusals: number;

  constructor(refusals: number) {
    super();
    this.refusals = refusals;
  }

  override async apply(plan: Parameters<IdlePlane['apply']>[0]): Promise<PlaneReport> {
    if (this.refusals-- > 0) throw new RangeError('no row left');
    return await super.apply(plan);
  }
}

test('a cycle that failed is tried again by itself, and told once', async t => {
  const { clock, end } = VirtualClock.use();
  t.after(end);
  const file = join(folder, 'again.yaml');
  writeFileSync(file, MANIFESTS);
  const source = overlaySource(await fileSource({ paths: [file], watch: false }));
  const plane = new RefusingPlane(2);
  const log = new EventLog(Date.now);
  const runtime = new Runtime(
    { source, workloads: NOTHING_RUNS, plane, controllerNames: ['example.com/ours'] },
    log,
  );
  try {
    await runtime.refresh();
    assert.equal(runtime.cycle, undefined);
    await clock.until('a cycle', () => runtime.cycle !== undefined);
    assert.equal(clock.monotonicMs(), 3_000, 'after a second, and after two');
    assert.equal(plane.applied, 1);
    assert.equal(log.list().filter(({ type }) => type === 'plan-refused').length, 1);
  } finally {
    runtime.close();
    await source.close();
  }
});

test('who follows cycles and throws keeps no other from hearing of them, and is asked again', async t => {
  const { clock, end } = VirtualClock.use();
  t.after(end);
  const file = join(folder, 'listeners.yaml');
  writeFileSync(file, MANIFESTS);
  const source = overlaySource(await fileSource({ paths: [file], watch: false }));
  const log = new EventLog(Date.now);
  const runtime = new Runtime(
    { source, workloads: NOTHING_RUNS, plane: new IdlePlane(), controllerNames: ['example.com/ours'] },
    log,
  );
  const told: string[] = [];
  runtime.onCycle(() => {
    told.push('first');
    if (told.length === 1) throw new Error('a full disk');
  });
  runtime.onCycle(() => told.push('second'));
  try {
    await runtime.refresh();
    assert.deepEqual(told, ['first', 'second']);
    await clock.until('it is asked again', () => told.length > 2);
    assert.match(JSON.stringify(log.list()), /a full disk \[BW_TASK_FAILED\]/);
  } finally {
    runtime.close();
    await source.close();
  }
});

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { KINDS } from '../../src/api/kinds.ts';
import { parseObject } from '../../src/api/parse-object.ts';
import { controllerMetrics } from '../../src/control/controller/controller-metrics.ts';
import { CycleTimes } from '../../src/control/cycle-times.ts';
import { processMetrics } from '../../src/control/own-metrics.ts';
import { DEFAULT_EXT_PROC_BOUNDS } from '../../src/envoy/ext-proc/ext-proc-bounds.ts';
import { ByteBudget, metricsRegistry } from '../../src/kernel/index.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../src/plan/index.ts';
import { DEFAULT_PROXY_LIMITS } from '../../src/proxy/defaults.ts';
import { metricsText } from '../../src/proxy/plane/metrics.ts';
import { EnvoyUsage, PickCounters, RequestCounters } from '../../src/request/index.ts';
import { type FieldEffect, POLICY_FIELDS } from '../../src/translate/policy/policy-fields.ts';
import { fences, page, root, section, table } from './markdown.ts';

test('limits.md has the defaults of the limits', () => {
  const rows = table(section(page('docs/reference/limits.md'), 'What can be limited'));
  const defaults = Object.fromEntries(rows.map(([field, value]) => [field, value]));
  for (const [name, value] of Object.entries(DEFAULT_THRESHOLDS) as [keyof Thresholds, number][])
    assert.equal(defaults[name], value === 0 ? 'unlimited' : String(value), name);
});

test('limits.md has the bounds of the proxy', () => {
  const rows = table(section(page('docs/reference/limits.md'), 'Bounds of the proxy'));
  const documented = Object.fromEntries(rows.map(([name, value = '']) => [name, quantity(value)]));
  assert.deepEqual(documented, { ...DEFAULT_PROXY_LIMITS });
});

test('limits.md has the bounds of the picker', () => {
  const rows = table(section(page('docs/reference/limits.md'), 'Bounds of the picker'));
  const documented = Object.fromEntries(rows.map(([name, value = '']) => [name, quantity(value)]));
  // A part of the machine's memory.
  const { maxHeldBytes: _, ...others } = DEFAULT_EXT_PROC_BOUNDS;
  assert.deepEqual(Object.keys(documented).sort(), Object.keys(DEFAULT_EXT_PROC_BOUNDS).sort());
  delete documented['maxHeldBytes'];
  assert.deepEqual(documented, others);
});

test("metrics.md has the figures of Envoy's access log", async () => {
  const usage = new EnvoyUsage();
  usage.apply({ pools: [{ name: 'p', endpoints: [{ id: 'e' }] }], clusters: [{ name: 's', pool: 'p' }] });
  const said = { upstream: 'e', status: 200, flags: ['UO'], details: '', failure: undefined };
  const figures = { durationMs: 1, firstByteMs: 1, requestBytes: 1, responseBytes: 1, attempts: 1 };
  usage.reported({ ...said, ...figures }, 's');
  const registry = metricsRegistry();
  usage.addMetrics(registry);
  assert.deepEqual(
    table(section(page('docs/reference/metrics.md'), 'Usage figures on Envoy')).map(row => row.slice(0, 3)),
    served(await registry.text()),
  );
});

test('metrics.md has the metrics, their types and labels', async () => {
  const counts = { active: 0, pending: 0, connections: 0, retries: 0, elsewhere: [1, 0, 0, 0], overflow: {} };
  const scope = { scope: 's', ...counts };
  const text = await metricsText({
    plan: undefined,
    limits: [scope],
    endpoints: [{ pool: 'p', id: 'e', state: 'available', inFlight: 0, kvCacheUsage: 0, metricsAgeMs: 1 }],
    requests: new RequestCounters(RequestCounters.buffer(1), 0),
    externalPicks: new PickCounters(PickCounters.buffer(1), 0),
    bodies: ByteBudget.create(1),
    workers: 1,
    workerRestarts: 0,
    scrapeFailures: 0,
  });
  const documented = table(page('docs/reference/metrics.md')).map(row => row.slice(0, 3));
  assert.deepEqual(documented.sort(), served(text).sort());
});

test('metrics.md has the metrics of the process', async () => {
  const own = section(page('docs/reference/metrics.md'), 'The process');
  const documented = table(own).map(row => row.slice(0, 3));
  assert.deepEqual(documented.sort(), served(await processMetrics()).sort());
});

test('commands.md has the metrics of the controller', async () => {
  const text = await controllerMetrics({
    leads: true,
    statusWaiting: 0,
    statusWrites: { written: 1 },
    eventWrites: { written: 1 },
    objectsWaiting: 0,
    objectWrites: { applied: 1 },
    certificateExpiry: { server: 1_900_000_000_000 },
    unreadable: ['Secret'],
  });
  const controller = section(page('docs/reference/commands.md'), 'controller');
  const documented = table(controller.slice(controller.indexOf('| metric |'))).map(row => row.slice(0, 3));
  const times = new CycleTimes();
  times.took('translate', performance.now());
  assert.deepEqual(documented.sort(), served(text + (await times.text())).sort());
  assert.match(text, /expiry_seconds\{certificate="server"\} 1900000000\n/);
});

/** Name, type and labels of each metric. */
function served(text: string): (string | undefined)[][] {
  const labels = new Map<string, string>();
  for (const [, name = '', pairs = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm))
    labels.set(name, [...pairs.matchAll(/(\w+)="/g)].map(([, label]) => label).join(', '));
  return [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type]) => [
    name,
    type,
    // A histogram has its name on none of its lines; its counts have its labels.
    labels.get(type === 'histogram' ? `${name}_count` : name),
  ]);
}

test('policies.md has every field of the kinds, and says which of a policy do not act', () => {
  const policies = page('docs/reference/policies.md');
  const fields = (heading: string) => table(section(policies, heading)).map(([field]) => field);
  assert.deepEqual(fields('BackendTrafficPolicy').sort(), specFields('BackendTrafficPolicy').sort());
  for (const kind of ['Gateway', 'ListenerSet', 'EnvoyProxy', 'BackendTLSPolicy'] as const)
    assert.deepEqual(fields(kind).sort(), specFields(kind).sort());
  const rule = specFields('HTTPRoute', 'rules').map(field => `rules[].${field}`);
  assert.deepEqual(
    fields('HTTPRoute').sort(),
    [...specFields('HTTPRoute').filter(field => field !== 'rules'), ...rule].sort(),
  );

  const documented = (acts: string) =>
    table(section(policies, 'BackendTrafficPolicy'))
      .filter(row => row[1] === acts)
      .map(([field = '']) => field);
  const whole = (effect: FieldEffect) =>
    Object.entries(POLICY_FIELDS.routes).flatMap(([field, each]) =>
      each === effect && !field.includes('.') ? field : [],
    );
  assert.deepEqual(documented('no').sort(), whole('decorates').sort());
  assert.deepEqual(documented('refused').sort(), whole('restricts').sort());
});

test('admin-api.md has every request that the admin API takes', () => {
  const sources = readdirSync(join(root, 'src', 'admin')).filter(name =>
    /^(?:admin-)?server.*(?<!\.test)\.ts$/.test(name),
  );
  const routes = sources.flatMap(name =>
    [...page(`src/admin/${name}`).matchAll(/\bapp\.(get|post)\b(?:<.*>)?\(\s*'([^']+)'/g)].map(
      ([, method = '', path = '']) => `${method.toUpperCase()} ${path.replace(':id', 'REQUEST-ID')}`,
    ),
  );
  const documented = table(page('docs/reference/admin-api.md')).flatMap(([requests = '']) =>
    [...requests.matchAll(/(?:GET|POST) \/[^\s?,]*/g)].map(([request]) => request),
  );
  assert.ok(routes.length > 0);
  assert.deepEqual(documented.sort(), routes.sort());
});

test('manifests in the reference are valid', () => {
  for (const path of readdirSync(join(root, 'docs', 'reference')))
    for (const { info, text } of fences(page(`docs/reference/${path}`)))
      if (info === 'yaml')
        for (const object of parseAllDocuments(text)) {
          const { errors, warnings } = parseObject(object.toJS());
          assert.deepEqual([...errors, ...warnings], [], path);
        }
});

interface JsonSchema {
  readonly properties: Readonly<Record<string, JsonSchema & { readonly items?: JsonSchema }>>;
}

/** Fields of a kind's spec, or of the items of a list in it. */
function specFields(kind: string, list?: string): string[] {
  const entry = KINDS.find(candidate => candidate.kind === kind);
  assert.ok(entry !== undefined);
  const schema = z.toJSONSchema(entry.schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as unknown as JsonSchema;
  const spec = schema.properties['spec'];
  return Object.keys((list === undefined ? spec : spec?.properties[list]?.items)?.properties ?? {});
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
};

/** `5 min` in milliseconds, `60 KiB` in bytes. */
function quantity(text: string): number {
  const [value, unit = ''] = text.split(' ');
  return Number(value) * (UNITS[unit] ?? Number.NaN);
}

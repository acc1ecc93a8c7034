import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, type KnownObject, parseObject } from '../api/index.ts';
import type { Plan } from '../plan/index.ts';
import { translate } from './index.ts';

const options = { controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'] };
const folder = new URL('./testdata/', import.meta.url);

function parse(raw: unknown): KnownObject {
  const { object, errors } = parseObject(raw);
  assert.deepEqual(errors, []);
  return object!;
}

function golden(file: string): KnownObject[] {
  return parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map(document =>
    parse(document.toJS()),
  );
}

function run(objects: readonly KnownObject[]) {
  const translation = translate(buildResourceSet(objects.map(object => ({ object }))), options);
  return { ...translation, waiting: translation.statuses(undefined) };
}

test('the order of the resources does not matter', () => {
  for (const file of readdirSync(folder).filter(name => name.endsWith('.in.yaml'))) {
    const objects = golden(file);
    const expected = run(objects);
    const order = fc.shuffledSubarray(objects, { minLength: objects.length, maxLength: objects.length });
    fc.assert(
      fc.property(order, shuffled => {
        const actual = run(shuffled);
        assert.deepEqual(actual.plan, expected.plan);
        assert.deepEqual(actual.problems, expected.problems);
        assert.deepEqual(actual.waiting, expected.waiting);
      }),
      { numRuns: 5 },
    );
  }
});

test('a plan that takes over what has not changed is the plan from scratch', () => {
  const all = readdirSync(folder)
    .filter(name => name.endsWith('.in.yaml'))
    .map(golden);
  const states = fc.constantFrom(...all).chain(objects => fc.array(fc.subarray(objects), { minLength: 2 }));
  fc.assert(
    fc.property(states, parts => {
      let previous: Plan | undefined;
      for (const part of parts) {
        const set = buildResourceSet(part.map(object => ({ object })));
        const { plan, problems, statuses } = translate(set, { ...options, previous });
        const fresh = run(part.map(object => structuredClone(object)));
        assert.deepEqual(plan, fresh.plan);
        assert.deepEqual(problems, fresh.problems);
        assert.deepEqual(statuses(undefined), fresh.waiting);
        previous = plan;
      }
    }),
    { numRuns: 100 },
  );
});

test('only what an edit concerns is another object in the plan that follows', () => {
  const objects = golden('seed.in.yaml');
  const read = () => buildResourceSet(objects.map(object => ({ object: structuredClone(object) })));
  const previous = translate(read(), options).plan;
  const same = translate(read(), { ...options, previous }).plan;
  assert.equal(same.servers, previous.servers);
  assert.equal(same.clusters, previous.clusters);
  const raw = structuredClone(objects.find(({ kind }) => kind === 'HTTPRoute')!) as {
    readonly spec: { hostnames: string[] };
  };
  raw.spec.hostnames = ['other.example.com'];
  objects.push(parse({ ...raw, metadata: { name: 'other' } }));
  const after = translate(read(), { ...options, previous }).plan;
  assert.notEqual(after.version, previous.version);
  const known = new Set<unknown>(previous.clusters);
  assert.equal(after.clusters.filter(cluster => !known.has(cluster)).length, 1);
  assert.equal(after.servers[0]!.gateway, previous.servers[0]!.gateway);
});

test('any part of the resources is translated without an exception', () => {
  const objects = readdirSync(folder)
    .filter(name => name.endsWith('.in.yaml'))
    .flatMap(golden);
  fc.assert(
    fc.property(fc.subarray(objects), part => {
      assert.match(run(part).plan.version, /^[0-9a-f]{64}$/);
    }),
    { numRuns: 50 },
  );
});

test('the seed: one request at a time through the route', () => {
  const { plan, problems } = run(golden('seed.in.yaml'));
  assert.deepEqual(problems, []);
  assert.deepEqual(plan.limits, [
    {
      name: 'httproute/default/test-httproute/rule/0',
      thresholds: {
        maxConnections: 1024,
        maxPendingRequests: 1,
        maxParallelRequests: 1,
        maxParallelRetries: 1024,
        maxRequestsPerConnection: 0,
      },
      policy: { kind: 'BackendTrafficPolicy', namespace: 'default', name: 'circuitbreaker-for-route' },
    },
  ]);
});

test('nothing is accepted before the plane has taken it, nor when it refuses', () => {
  const translation = translate(
    buildResourceSet(golden('seed.in.yaml').map(object => ({ object }))),
    options,
  );
  const accepted = (report: Parameters<typeof translation.statuses>[0]) => {
    const route = translation.statuses(report).find(({ kind }) => kind === 'HTTPRoute')!;
    const { parents } = route.status as { parents: { conditions: { status: string; reason: string }[] }[] };
    return [parents[0]?.conditions[0]?.status, parents[0]?.conditions[0]?.reason];
  };
  assert.deepEqual(accepted(undefined), ['Unknown', 'Pending']);
  assert.deepEqual(accepted({ version: 'older', servers: [] }), ['Unknown', 'Pending']);
  assert.deepEqual(accepted({ version: 'older', servers: [], error: 'too large' }), ['False', 'Invalid']);
  assert.deepEqual(accepted({ version: translation.plan.version, servers: [] }), ['True', 'Accepted']);
});

test('each route with its own Service, Pod and policy: 5,000 of them are quick, statuses too', () => {
  const objects = golden('policy-selectors.in.yaml').filter(({ kind }) => kind.startsWith('Gateway'));
  const gateway = objects.find(({ kind }) => kind === 'Gateway')!.metadata.name;
  for (let i = 0; i < 5000; i++) {
    const name = `x${i}`;
    const labels = { app: name };
    const raw = [
      ['v1', 'Service', { selector: labels, ports: [{ port: 80 }] }],
      ['v1', 'Pod', { containers: [{ name: 'c' }] }],
      [
        'gateway.networking.k8s.io/v1',
        'HTTPRoute',
        {
          parentRefs: [{ name: gateway }],
          hostnames: [`${name}.example.com`],
          rules: [{ backendRefs: [{ name, port: 80 }] }],
        },
      ],
      [
        'gateway.envoyproxy.io/v1alpha1',
        'BackendTrafficPolicy',
        {
          targetSelectors: [{ kind: 'HTTPRoute', matchLabels: labels }],
          circuitBreaker: { maxParallelRequests: 1 },
        },
      ],
    ] as const;
    for (const [apiVersion, kind, spec] of raw)
      objects.push(
        parse({ apiVersion, kind, metadata: { name, labels }, spec, status: { podIP: '10.0.0.1' } }),
      );
  }
  const set = buildResourceSet(objects.map(object => ({ object })));
  const began = process.cpuUsage();
  const translation = translate(set, options);
  assert.deepEqual(translation.problems, []);
  const limits = translation.plan.limits.filter(({ thresholds }) => thresholds.maxParallelRequests === 1);
  assert.equal(limits.length, 5000);
  const statuses = translation.statuses({ version: translation.plan.version, servers: [] });
  assert.ok(statuses.length > 10_000);
  const { user, system } = process.cpuUsage(began);
  assert.ok((user + system) / 1000 < 5000, `${(user + system) / 1000} ms of CPU`);
});

test('10,000 routes are quick', () => {
  const objects = golden('policy-levels.in.yaml');
  for (let i = 0; i < 10_000; i++) {
    objects.push(
      parse({
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: `route-${i}` },
        spec: {
          parentRefs: [{ name: 'gw', sectionName: 'one' }],
          hostnames: [`host-${i % 100}.example.com`],
          rules: [
            {
              matches: [{ path: { type: 'PathPrefix', value: `/route/${i}` } }],
              backendRefs: [{ name: 'web', port: 80 }],
            },
          ],
        },
      }),
    );
  }
  const set = buildResourceSet(objects.map(object => ({ object })));
  const began = process.cpuUsage();
  const { plan } = translate(set, options);
  const { user, system } = process.cpuUsage(began);
  assert.equal(plan.clusters.length, 10_004);
  // Far below on a quiet machine; the bound catches what grows with the square.
  assert.ok((user + system) / 1000 < 5000, `${(user + system) / 1000} ms of CPU`);
});

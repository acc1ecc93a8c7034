import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments, stringify } from 'yaml';
import { buildResourceSet, type Gateway, parseObject } from '../../api/index.ts';
import type { Server } from '../../plan/index.ts';
import { embeddedState } from './embedded-state.ts';
import { envoyAttempts, envoyState } from './envoy-state.ts';

/**
 * One pair a feature: what there is, and what becomes of it. `embedded-` is for that plane, the others are for Envoy's.
 * `UPDATE_GOLDEN=1 node --test src/cluster/infrastructure/gateway-objects-golden.test.ts` writes what came out; review it as text.
 */
const folder = new URL('./testdata/', import.meta.url);
const update = process.env['UPDATE_GOLDEN'] === '1';
const bootstrap = {
  xdsHost: 'breakwater.breakwater-system.svc',
  xdsPort: 18_000,
};
const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';

for (const file of readdirSync(folder).filter(name => name.endsWith('.in.yaml'))) {
  const name = file.slice(0, -'.in.yaml'.length);
  test(`golden: ${name}`, () => {
    const objects = parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map(document => {
      const { object, errors, warnings } = parseObject(document.toJS());
      assert.deepEqual([errors, warnings], [[], []], `${file} is not what an API server would take`);
      return object!;
    });
    const set = buildResourceSet(objects.map(object => ({ object })));
    const servers = set.list('Gateway').flatMap(serversOf);
    const state = name.startsWith('embedded-')
      ? embeddedState({
          set,
          controllerName,
          servers,
          reports: servers.map(each => ({ name: each.name, bound: { address: '10.244.0.9', port: 20_000 } })),
          pod: { name: 'breakwater-0', namespace: 'breakwater-system', ip: '10.244.0.9', nodeName: 'node-1' },
          envoys: set.all(),
        })
      : envoyState(
          set,
          controllerName,
          envoyAttempts({ set, controllerName, servers, bootstrap }),
          set.all(),
        );
    const actual = stringify(
      {
        wanted: state.wanted,
        unwanted: state.unwanted.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
        problems: state.problems.map(({ gateway, error }) => `${gateway.metadata.name}: ${error}`),
      },
      { aliasDuplicateObjects: false, lineWidth: 0 },
    );
    const out = new URL(`${name}.out.yaml`, folder);
    if (update) writeFileSync(out, actual);
    assert.ok(existsSync(out), `${name}.out.yaml is missing: run with UPDATE_GOLDEN=1`);
    assert.equal(actual, readFileSync(out, 'utf8'));
  });
}

test('no golden file is left over', () => {
  const inputs = readdirSync(folder).filter(file => file.endsWith('.in.yaml'));
  const outputs = readdirSync(folder).filter(file => file.endsWith('.out.yaml'));
  assert.ok(inputs.length > 0);
  assert.deepEqual(outputs.sort(), inputs.map(file => file.replace(/\.in\.yaml$/, '.out.yaml')).sort());
});

function serversOf({ metadata, spec }: Gateway): Server[] {
  return spec.listeners.map(({ port, protocol }) => ({
    name: `${metadata.namespace}/${metadata.name}/${port}`,
    gateway: { kind: 'Gateway', namespace: metadata.namespace ?? '', name: metadata.name },
    port,
    bindPort: metadata.name.startsWith('embedded') ? 20_000 : port < 1024 ? port + 10_000 : port,
    protocol: protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
    listeners: [],
  }));
}

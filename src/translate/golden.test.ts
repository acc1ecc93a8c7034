import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments, stringify } from 'yaml';
import { buildResourceSet, type Gateway, parseObject, type ResourceSet } from '../api/index.ts';
import type { Plan, PlaneReport } from '../plan/index.ts';
import { translate } from './index.ts';
import { PLUGINS } from './pool/plugins-for-test.ts';

/**
 * One pair a feature: `testdata/NAME.in.yaml` is translated and compared with `testdata/NAME.out.yaml`.
 * Those whose names begin with `cluster-` are translated as for a cluster.
 * `UPDATE_GOLDEN=1 node --test src/translate/golden.test.ts` writes what came out; review it as text.
 */
const folder = new URL('./testdata/', import.meta.url);
const update = process.env['UPDATE_GOLDEN'] === '1';
const names = readdirSync(folder)
  .filter(file => file.endsWith('.in.yaml'))
  .map(file => file.slice(0, -'.in.yaml'.length));

for (const name of names) {
  const isOnCluster = name.startsWith('cluster-');
  test(`golden: ${name}`, () => {
    const entries = parseAllDocuments(readFileSync(new URL(`${name}.in.yaml`, folder), 'utf8')).map(
      document => {
        const { object, errors, warnings } = parseObject(document.toJS());
        assert.deepEqual(
          [errors, warnings],
          [[], []],
          `${name}.in.yaml is not what an API server would take`,
        );
        return { object: object! };
      },
    );
    const translation = translate(buildResourceSet(entries), {
      controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'],
      plugins: PLUGINS,
      gatewayServices: isOnCluster,
      ...(isOnCluster && { proxyOf }),
      onCluster: isOnCluster,
    });
    const { version, ...plan } = translation.plan;
    assert.match(version, /^[0-9a-f]{64}$/);
    const actual = stringify(
      {
        plan,
        problems: translation.problems,
        statuses: translation.statuses((isOnCluster ? bindAssigned : bindAll)(translation.plan)),
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

/** Without a merge: that is tested where it is done. */
function proxyOf(set: ResourceSet, { metadata, spec }: Gateway) {
  const { name = '' } = spec.infrastructure?.parametersRef ?? {};
  const object = set.get('EnvoyProxy', metadata.namespace ?? '', name);
  return object && { spec: object.spec, object };
}

/** A plane without the right to bind low ports. */
function bindAll({ version, servers }: Plan): PlaneReport {
  const bound = (port: number) => ({ address: '127.0.0.1', port: port < 1024 ? port + 10_000 : port });
  return { version, servers: servers.map(({ name, port }) => ({ name, bound: bound(port) })) };
}

/** A plane behind Services. */
function bindAssigned({ version, servers }: Plan): PlaneReport {
  const reports = servers.map(({ name, bindPort }) =>
    bindPort === undefined ? { name } : { name, bound: { address: '10.244.0.9', port: bindPort } },
  );
  return { version, servers: reports };
}

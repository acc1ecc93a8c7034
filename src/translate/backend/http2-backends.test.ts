import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import { translate } from '../translate.ts';

/** Clusters that routes lead to, and those that speak HTTP/2. */
function translated(plane: 'embedded' | 'envoy') {
  const text = readFileSync(new URL('../testdata/pool-h2c.in.yaml', import.meta.url), 'utf8');
  const entries = parseAllDocuments(text).map(document => ({ object: parseObject(document.toJS()).object! }));
  const controllerNames = ['gateway.envoyproxy.io/gatewayclass-controller'];
  return translate(buildResourceSet(entries), { controllerNames, plane });
}

test('pools and Backends whose endpoints speak HTTP/2 in plain text are served by Envoy', () => {
  const { plan, problems } = translated('envoy');
  assert.deepEqual(
    plan.clusters.map(({ kind, http2 }) => [kind, http2]),
    [
      ['pool', true],
      ['backend', true],
    ],
  );
  assert.deepEqual(problems, []);
});

test('the embedded plane says that it cannot speak it, in the status of the pool too, and sends nothing', () => {
  const { plan, statuses } = translated('embedded');
  assert.deepEqual(plan.clusters, []);
  const { conditions } = (
    statuses({ version: plan.version, servers: [] }).find(({ kind }) => kind === 'InferencePool')!.status as {
      parents: { conditions: { type: string; status: string; reason: string; message: string }[] }[];
    }
  ).parents[0]!;
  const accepted = conditions.find(({ type }) => type === 'Accepted');
  assert.deepEqual([accepted?.status, accepted?.reason], ['False', 'NotSupportedByParent']);
  assert.match(accepted?.message ?? '', /h2c is not supported by the embedded data plane/);
});

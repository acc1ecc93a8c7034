import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { packageVersion } from '../../src/cli/package-version.ts';
import { clusterRules, infrastructureRules, namespaceRules, ownRules } from '../../src/install/index.ts';

/** What of the chart can be known without Helm; test/cluster/helm.test.ts has the rest. */
const chart = join(import.meta.dirname, '../../deploy/helm/breakwater');

test("the chart's rules are those of the code", () => {
  const wanted = {
    cluster: clusterRules(),
    'own-envoy': ownRules('envoy'),
    'own-embedded': ownRules('embedded'),
    namespace: namespaceRules(),
    envoy: infrastructureRules('envoy'),
    embedded: infrastructureRules('embedded'),
  };
  for (const [name, rules] of Object.entries(wanted)) {
    const file = join(chart, 'files', `rules-${name}.yaml`);
    const text = stringify(rules, { aliasDuplicateObjects: false });
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
    assert.equal(readFileSync(file, 'utf8'), text, 'run with UPDATE_GOLDEN=1 and review it as text');
  }
});

test("the chart's versions are the package's", () => {
  const { version, appVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as {
    version: string;
    appVersion: string;
  };
  assert.deepEqual([version, appVersion], [packageVersion(), packageVersion()]);
});

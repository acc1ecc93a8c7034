import assert from 'node:assert/strict';
import { test } from 'node:test';
import { supportedFeatures } from '../../src/translate/status/supported-features.ts';
import { PLANES, SUITE_NAMES, SUITES, type Suite } from '../conformance/suites.ts';
import { page, section, table } from './markdown.ts';

const conformance = page('docs/reference/conformance.md');
const rows = table(section(conformance, 'Features')).map(([features = '', embedded = '', envoy = '']) => ({
  features: features.split(', '),
  embedded,
  envoy,
}));

test('conformance.md has the features that are claimed, and says why others are not', () => {
  for (const plane of PLANES) {
    const claimed = rows.flatMap(row => (row[plane] === 'yes' ? row.features : []));
    assert.deepEqual(claimed.sort(), supportedFeatures(plane));
    for (const row of rows) assert.match(row[plane], /^yes$|^no: ./, row.features.join());
  }
});

test('conformance.md says why each test is not run that is left out', () => {
  const reasons = section(conformance, 'Tests that are not run');
  for (const name of SUITE_NAMES) {
    const { skipped }: Suite = SUITES[name];
    for (const plane of PLANES)
      for (const left of skipped[plane])
        assert.match(reasons, new RegExp(`\`${left}\`.*: .`), `${plane} ${left}`);
  }
});

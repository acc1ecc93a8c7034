import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { buildResourceSet, parseObject } from '../../src/api/index.ts';
import { SERVERS } from '../../src/endpoints/scrape/server-metrics.ts';
import { PLUGIN_CATALOG } from '../../src/picker/plugins/catalog.ts';
import { FILTERS, SCORERS } from '../../src/picker/plugins/list.ts';
import { translate } from '../../src/translate/index.ts';
import { fences, page, section, table } from './markdown.ts';

test('picking.md has the filters, the scorers with their weights, parameters and needs, and the figures', () => {
  const picking = page('docs/reference/picking.md');
  assert.deepEqual(
    table(section(picking, 'Filters')).map(([reason, plugin]) => [reason, plugin]),
    FILTERS.flatMap(({ name, reasons }) => reasons.map(reason => [reason, name])),
  );
  assert.deepEqual(
    table(section(picking, 'Scorers')).map(([name, weight, needs]) => [name, weight, needs]),
    SCORERS.map(({ name, defaultWeight, needs }) => [name, String(defaultWeight ?? 'off'), needs.join(', ')]),
  );
  assert.deepEqual(
    table(section(picking, 'Parameters of plugins')),
    [...FILTERS, ...SCORERS].flatMap(({ name, parameters }) =>
      Object.entries(parameters).map(([parameter, { default: value, unit, expected, meaning }]) => [
        name,
        parameter,
        String(value),
        unit,
        expected,
        meaning,
      ]),
    ),
  );
  assert.deepEqual(
    table(section(picking, 'Figures')),
    SERVERS.map(({ server, running, waiting, kvCacheUsage }) => [
      server,
      running.name,
      waiting.name,
      kvCacheUsage.map(({ name }) => name).join(', '),
    ]),
  );
});

test('the pools of picking.md name their plugins rightly', () => {
  const examples = fences(section(page('docs/reference/picking.md'), 'Plugins of a pool'));
  assert.equal(examples.length, 2);
  for (const { text } of examples) {
    const { object, errors } = parseObject(parse(text));
    assert.deepEqual(errors, []);
    const options = { controllerNames: ['c'], plugins: PLUGIN_CATALOG };
    const { problems } = translate(buildResourceSet([{ object: object! }]), options);
    // Its Pods are elsewhere.
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['pool-matches-nothing'],
    );
  }
});

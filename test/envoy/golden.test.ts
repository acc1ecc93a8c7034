import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { proxyOf } from '../../src/cluster/infrastructure/index.ts';
import { onePicker } from '../../src/envoy/resources/picker-places.ts';
import { planMessages } from '../../src/envoy/resources/plan-messages.ts';
import type { Plan } from '../../src/plan/index.ts';
import { planOf } from '../support/plan-of.ts';
import { messagesJson, staticBootstrap } from '../support/static-envoy.ts';
import { validate } from './support/validate.ts';

/**
 * Plan → Envoy as pairs: manifests of src/translate/testdata and of testdata/ here give `testdata/NAME.json`, and real
 * Envoy takes it. `UPDATE_GOLDEN=1 node --test test/envoy/golden.test.ts` writes what came out; review it as text.
 */
const out = new URL('./testdata/', import.meta.url);
const folders = [new URL('../../src/translate/testdata/', import.meta.url), out];
const update = process.env['UPDATE_GOLDEN'] === '1';
const inputs = folders.flatMap(folder =>
  readdirSync(folder)
    .filter(file => file.endsWith('.in.yaml'))
    .map(file => ({ name: file.slice(0, -'.in.yaml'.length), file: new URL(file, folder) })),
);

const PICKER = { address: '127.0.0.1', port: 9002 };
const messages = new Map(
  inputs.map(({ name, file }) => {
    const plan = planOf(readFileSync(file, 'utf8'), { proxyOf });
    return [name, planMessages(plan, { bindings: bindings(plan), pickers: onePicker(PICKER) })];
  }),
);

for (const { name } of inputs) {
  test(`golden: ${name}`, () => {
    const actual = `${JSON.stringify(messagesJson(messages.get(name)!), null, 2)}\n`;
    const golden = new URL(`${name}.json`, out);
    if (update) writeFileSync(golden, actual);
    assert.ok(existsSync(golden), `${name}.json is missing: run with UPDATE_GOLDEN=1`);
    assert.equal(actual, readFileSync(golden, 'utf8'));
  });
}

for (const { name } of inputs) {
  test(`Envoy takes ${name}`, () => validate(staticBootstrap(messages.get(name)!)));
}

test('no golden file is left over', () => {
  const goldens = readdirSync(out).filter(file => file.endsWith('.json'));
  assert.deepEqual(goldens.sort(), inputs.map(({ name }) => `${name}.json`).sort());
});

/** A plane without the right to bind low ports. Gateways that have one port each have an address of their own for it, as on a cluster. */
function bindings({ servers }: Plan) {
  const taken = new Map<number, number>();
  return new Map(
    servers.map(({ name, port }) => {
      const others = taken.get(port) ?? 0;
      taken.set(port, others + 1);
      const address = others === 0 ? '0.0.0.0' : `127.0.0.${others + 1}`;
      return [name, { address, port: port < 1024 ? port + 10_000 : port }];
    }),
  );
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RecipeCopy } from './recipe-copy.ts';

const copy = new RecipeCopy('Adding a policy field');
const GOLDEN = 'src/translate/testdata/policy-grpc-health-check.out.yaml';

test('the recipe has eight files and a golden one that is made, and following it touches no other', async () => {
  await copy.run(process.execPath, ['--test', 'src/translate/golden.test.ts'], { UPDATE_GOLDEN: '1' });
  const named = [...new Set(copy.files('')), GOLDEN].sort();
  assert.deepEqual(copy.touched(), named);
  assert.deepEqual(named, [
    'docs/reference/policies.md',
    'src/endpoints/health-check/grpc-service.test.ts',
    'src/endpoints/health-check/probe.ts',
    'src/envoy/resources/health-messages.ts',
    'src/plan/cluster.ts',
    'src/translate/policy/policy-features.ts',
    'src/translate/policy/policy-fields.ts',
    'src/translate/testdata/policy-grpc-health-check.in.yaml',
    GOLDEN,
  ]);
  assert.match(readFileSync(copy.path(GOLDEN), 'utf8'), /grpcService: llm\n/);
});

test('its types and its form are right', () => copy.lint());

test('its own test, the golden files, the table of fields and the reference agree with it', () =>
  copy.test(
    ...copy.files('.test.ts'),
    'src/translate/golden.test.ts',
    'src/translate/policy/policy-fields.test.ts',
    'test/docs/reference.test.ts',
  ));

test('Envoy is told it', async () => {
  const { healthCheck } = await copy.import<typeof import('../../src/envoy/resources/health-messages.ts')>(
    'src/envoy/resources/health-messages.ts',
  );
  const policy = {
    type: 'GRPC',
    intervalMs: 1,
    timeoutMs: 1,
    unhealthyThreshold: 1,
    healthyThreshold: 1,
  } as const;
  const { healthChecker } = healthCheck({ ...policy, ...{ grpcService: 'llm' } }, 'host');
  assert.deepEqual(healthChecker, { case: 'grpcHealthCheck', value: { serviceName: 'llm' } });
});

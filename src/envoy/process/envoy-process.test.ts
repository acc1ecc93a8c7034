import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { EnvoyProcess } from './envoy-process.ts';

test('an Envoy that ends is started again, whatever throws where that and its log are told', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-process-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'envoy');
  writeFileSync(path, '#!/bin/sh\necho hello\n', { mode: 0o755 });
  const faults: string[] = [];
  let crashes = 0;
  const envoy = new EnvoyProcess({
    path,
    bootstrapFile: '',
    onLog: () => {
      throw new Error('a log that cannot be told');
    },
    onCrash: () => {
      crashes++;
      throw new Error('a crash that cannot be told');
    },
    onFault: ({ task, error }) => faults.push(`${task}: ${error.message}`),
  });
  t.after(() => envoy.close());
  await until('it has ended twice', () => crashes >= 2);
  assert.ok(faults.includes('reading the log of Envoy: a log that cannot be told'), faults.join('\n'));
  assert.ok(faults.includes('telling that Envoy ended: a crash that cannot be told'), faults.join('\n'));
});

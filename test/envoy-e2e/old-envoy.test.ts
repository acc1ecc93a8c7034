import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seed, Workplace } from '../e2e/cli-process.ts';

const place = new Workplace();
after(() => place.close());

test('an Envoy that is too old is not served, and the output says so', async () => {
  const path = join(place.folder, 'envoy');
  const program = join(import.meta.dirname, 'support/old-envoy.ts');
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
  const { output } = place.start(['up', '-f', seed, '--plane', 'envoy', '--envoy-path', path]);
  const words = String.raw`stream ended: envoy 1\.20\.0 is older than 1\.37, the oldest that is served`;
  await output.until(new RegExp(`port 80: not bound: ${words}\n`));
  await output.until(new RegExp(`warning: xDS 127\\.0\\.0\\.1:\\d+: ${words}\n`));
  const [, admin] = await output.until(/Admin API\s+(\S+)/);
  const text = await (await fetch(`${admin}/metrics`)).text();
  assert.match(text, /^breakwater_xds_events_total\{kind="refused"\} [1-9]\d*$/m);
  await output.kill();
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '@bufbuild/protobuf';
import { envoyPath } from '../../support/envoy.ts';

/** Fails unless real Envoy takes this bootstrap; unknown fields are errors, and so are deprecated ones. */
export async function validate(bootstrap: JsonObject): Promise<void> {
  const flags = ['--mode', 'validate', '--config-yaml', JSON.stringify(bootstrap), '--log-level', 'warning'];
  const envoy = spawn(await envoyPath(), flags, { stdio: ['ignore', 'pipe', 'pipe'] });
  const code = new Promise<number | null>(resolve => envoy.once('exit', resolve));
  const said = await Promise.all([text(envoy.stdout), text(envoy.stderr)]);
  assert.equal(await code, 0, said.join('\n'));
  assert.doesNotMatch(said.join('\n'), /deprecated|\[warning\]/i);
}

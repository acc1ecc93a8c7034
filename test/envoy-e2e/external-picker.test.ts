import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { pickedPool } from '../external-picker/support/manifests.ts';
import { place as placeAt, ScriptedPicker } from '../external-picker/support/scripted-picker.ts';
import { echo, Upstream } from '../proxy/support/upstream.ts';
import { until } from '../support/until.ts';
import { ask } from './support/ask.ts';
import { PickerProcess, standaloneEnvoy } from './support/standalone.ts';

const place = new Workplace();
after(() => place.close());

test('an Envoy without a control plane, and a picker that asks the pool’s own', async () => {
  const first = await Upstream.start(echo, '127.86.9.1');
  const second = await Upstream.start(echo, '127.86.9.2', first.port);
  const scripted = await ScriptedPicker.start(stream => placeAt(stream, `127.86.9.2:${first.port}`));
  const file = join(place.folder, 'picked.yaml');
  const manifests = pickedPool({ port: () => scripted.port, failureMode: 'FailClose' });
  writeFileSync(file, manifests(80, [first, second]));
  const translated = await place.run(['translate', '-f', file, '--to', 'envoy']);
  assert.match(
    translated.stderr,
    /^note: the pool default\/pool has a picker of its own, default\/picker:9002: .* --external-picker$/m,
  );
  const picker = await PickerProcess.start(place, file, ['--external-picker']);
  const { envoy, gateway } = await standaloneEnvoy(place, file, {
    picker: picker.port,
    concurrency: 1,
    listener: 'main',
  });
  try {
    await until('it is placed', async () => (await ask(gateway)).status === 200, 60_000);
    const before = second.requests.length;
    for (let i = 0; i < 6; i++) assert.equal((await ask(gateway)).status, 200);
    assert.equal(second.requests.length, before + 6);
    assert.equal(first.requests.length, 0);
    const text = await (await fetch(picker.metrics)).text();
    assert.match(text, /^breakwater_external_picks_total\{result="placed"\} [1-9]/m);
  } finally {
    await envoy.stop();
    await picker.kill();
    await Promise.all([scripted.close(), first.close(), second.close()]);
  }
});

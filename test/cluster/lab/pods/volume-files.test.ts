import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabPod, Volume } from './pod.ts';
import { filesOf, type VolumeSources } from './volume-files.ts';

const pod: LabPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u', labels: { app: 'a' } },
  spec: { containers: [] },
};
const sources: VolumeSources = {
  pod,
  addresses: { pod: '10.0.0.2', node: '10.0.0.1' },
  texts: (kind, name) => (name === 'there' ? { k: Buffer.from(kind), l: Buffer.from('l') } : undefined),
  token: async (audience = 'api', seconds) => `${audience} ${seconds}`,
};

async function files(volume: Omit<Volume, 'name'>): Promise<Record<string, string>> {
  const found = await filesOf({ name: 'v', ...volume }, sources);
  return Object.fromEntries(
    [...found!].map(([path, { data, mode }]) => [path, `${data} ${mode.toString(8)}`]),
  );
}

test('objects become files', async () => {
  assert.deepEqual(await files({ configMap: { name: 'there' } }), { k: 'ConfigMap 644', l: 'l 644' });
  assert.deepEqual(
    await files({ secret: { secretName: 'there', defaultMode: 0o400, items: [{ key: 'k', path: 'd/k' }] } }),
    { 'd/k': 'Secret 400' },
  );
  assert.deepEqual(await files({ secret: { secretName: 'none', optional: true } }), {});
  assert.deepEqual(
    await files({
      projected: {
        defaultMode: 0o440,
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
          { configMap: { name: 'there', items: [{ key: 'k', path: 'ca.crt' }] } },
          { secret: { name: 'there', items: [{ key: 'l', path: 'l', mode: 0o600 }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
        ],
      },
    }),
    { token: 'api 3607 440', 'ca.crt': 'ConfigMap 440', l: 'l 600', namespace: 'n 440' },
  );
});

test('a Pod waits for what is not optional; other volumes have no files', async () => {
  await assert.rejects(files({ configMap: { name: 'none' } }), /ConfigMap none not found/);
  await assert.rejects(
    files({ secret: { secretName: 'there', items: [{ key: 'z', path: 'z' }] } }),
    /Secret there has no key z/,
  );
  assert.equal(await filesOf({ name: 'v', emptyDir: {} }, sources), undefined);
});

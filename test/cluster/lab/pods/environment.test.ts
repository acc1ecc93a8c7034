import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentOf, type Texts } from './environment.ts';
import type { Container, LabPod } from './pod.ts';

const pod: LabPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u' },
  spec: { containers: [] },
};
const addresses = { pod: '10.0.0.2', node: '10.0.0.1' };
const texts: Texts = (kind, name) =>
  kind === 'ConfigMap' && name === 'settings' ? { level: Buffer.from('debug') } : undefined;

function environment(container: Omit<Container, 'name' | 'image'>): Record<string, string> {
  return environmentOf({ name: 'c', image: 'x', ...container }, pod, addresses, texts, { PATH: '/bin' });
}

test('values, references, and what they name, in order', () => {
  assert.deepEqual(
    environment({
      envFrom: [
        { prefix: 'S_', configMapRef: { name: 'settings' } },
        { secretRef: { name: 'none', optional: true } },
      ],
      env: [
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'URL', value: 'http://$(IP)/$(S_level)/$(LATER)' },
        { name: 'LATER', value: '' },
        { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level' } } },
        { name: 'NONE', valueFrom: { secretKeyRef: { name: 'none', key: 'k', optional: true } } },
      ],
    }),
    {
      PATH: '/bin',
      S_level: 'debug',
      IP: '10.0.0.2',
      URL: 'http://10.0.0.2/debug/$(LATER)',
      LATER: '',
      LEVEL: 'debug',
    },
  );
});

test('a container waits for what is not optional', () => {
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'none' } } }];
  assert.throws(() => environment({ env }), /ConfigMap settings has no key none/);
  assert.throws(() => environment({ envFrom: [{ secretRef: { name: 'none' } }] }), /Secret none not found/);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import { translate } from '../index.ts';

const pem = (kind: 'crt' | 'key') =>
  readFileSync(new URL(`../../../test/proxy/testdata/a.example.${kind}.pem`, import.meta.url), 'utf8');
const BASE64 = (text: string) => Buffer.from(text).toString('base64');
const CERTIFICATE = pem('crt');
const BROKEN = '-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n';

function translated(plane: 'embedded' | 'envoy', chain: string) {
  const manifests = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: demo }
spec: { controllerName: example.com/ours }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec:
  gatewayClassName: demo
  listeners:
    - { name: web, protocol: HTTP, port: 80 }
    - { name: secure, protocol: HTTPS, port: 443, tls: { certificateRefs: [{ name: chain }] } }
---
apiVersion: v1
kind: Secret
metadata: { name: chain }
type: kubernetes.io/tls
data: { tls.crt: ${BASE64(chain)}, tls.key: ${BASE64(pem('key'))} }
`;
  const entries = parseAllDocuments(manifests).map(document => ({
    object: parseObject(document.toJS()).object!,
  }));
  const { plan, problems, statuses } = translate(buildResourceSet(entries), {
    controllerNames: ['example.com/ours'],
    plane,
  });
  const { listeners } = statuses({ version: plan.version, servers: [] }).find(
    ({ kind }) => kind === 'Gateway',
  )!.status as {
    listeners: { name: string; conditions: { type: string; status: string; reason: string }[] }[];
  };
  const resolved = (name: string) => {
    const all = listeners.find(one => one.name === name)?.conditions;
    const { status, reason } = all?.find(({ type }) => type === 'ResolvedRefs') ?? {};
    return `${status} ${reason}`;
  };
  return { ports: plan.servers.map(({ port }) => port), problems, resolved };
}

for (const plane of ['embedded', 'envoy'] as const) {
  test(`${plane}: a chain whose second block is broken is refused by name, and costs its own listener`, () => {
    const { ports, problems, resolved } = translated(plane, CERTIFICATE + BROKEN);
    assert.deepEqual(ports, [80]);
    assert.equal(resolved('secure'), 'False InvalidCertificateRef');
    assert.match(resolved('web'), /^True/);
    assert.deepEqual(
      problems.map(({ severity, code }) => [severity, code]),
      [['error', 'certificate-unusable']],
    );
    assert.match(
      problems[0]?.message ?? '',
      /Secret default\/chain must contain valid tls\.crt and tls\.key, unable to decode/,
    );
  });

  test(`${plane}: a chain of two whole blocks is taken`, () => {
    const { ports, problems, resolved } = translated(plane, CERTIFICATE + CERTIFICATE);
    assert.deepEqual([ports.toSorted((a, b) => a - b), problems], [[80, 443], []]);
    assert.match(resolved('secure'), /^True/);
  });
}

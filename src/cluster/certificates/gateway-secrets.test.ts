import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, type KubeObject } from '../../api/index.ts';
import type { Server } from '../../plan/index.ts';
import { renewedControlPlane, CERTIFICATE_TIMES as TIMES } from '../../tls/index.ts';
import { gatewaySecrets, type Issued } from './gateway-secrets.ts';

const NOW_MS = Date.UTC(2030, 0, 1);
const { authority } = renewedControlPlane(undefined, NOW_MS, TIMES).certificates;

const gateway = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { namespace: 'ns', name: 'one', uid: 'uid-one' },
  spec: { gatewayClassName: 'class', listeners: [] },
} as KubeObject;

const servers = [80, 443].map(
  port =>
    ({
      name: `ns/one/${port}`,
      gateway: { kind: 'Gateway', namespace: 'ns', name: 'one' },
      port,
      protocol: 'HTTP',
      listeners: [],
    }) satisfies Server,
);

function secretsOf(issued: Issued, objects: readonly object[] = [], nowMs = NOW_MS, of = servers) {
  const set = buildResourceSet([gateway, ...objects].map(object => ({ object: object as KubeObject })));
  return gatewaySecrets({ set, controllerName: 'c', servers: of, authority, nowMs, times: TIMES }, issued);
}

test('one Secret for a Gateway, whatever its ports; until it is seen, what was made is remembered', () => {
  const issued: Issued = new Map();
  const { wanted, live } = secretsOf(issued);
  assert.equal(wanted.length, 1);
  assert.deepEqual(live, []);
  assert.match(wanted[0]!.metadata.name, /^envoy-ns-one-[0-9a-f]{8}$/);
  assert.deepEqual(secretsOf(issued), { wanted, live, unwanted: [], problems: [] });
  const other = secretsOf(new Map(), wanted);
  assert.deepEqual(other.wanted[0]!['data'], wanted[0]!['data'], 'another leader keeps what is there');
  assert.deepEqual(
    other.live.map(({ metadata }) => metadata.name),
    [wanted[0]!.metadata.name],
  );
});

test('what is there is made anew when it is due, and forgotten with its Gateway', () => {
  const issued: Issued = new Map();
  const { wanted } = secretsOf(issued);
  const later = NOW_MS + 0.7 * TIMES.lifeMs;
  const renewed = secretsOf(issued, wanted, later).wanted;
  assert.notDeepEqual(renewed[0]!['data'], wanted[0]!['data']);
  assert.deepEqual(secretsOf(issued, wanted, later).wanted, renewed, 'also while the old one is still seen');
  assert.deepEqual(secretsOf(issued, wanted, later, []).wanted, []);
  assert.equal(issued.size, 0);
});

test('the Secret of a Gateway that has become another controller’s goes, and nobody else’s', () => {
  const { wanted } = secretsOf(new Map());
  const [secret] = wanted;
  const gatewayClass = (controllerName: string) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'class' },
    spec: { controllerName },
  });
  const unwanted = (more: object, secrets: readonly object[] = wanted) =>
    secretsOf(new Map(), [more, ...secrets], NOW_MS, []).unwanted.map(({ metadata }) => metadata.name);
  assert.deepEqual(unwanted(gatewayClass('theirs')), [secret!.metadata.name]);
  assert.deepEqual(unwanted(gatewayClass('c')), [], 'it may be served again');
  const { labels, annotations, ...metadata } = secret!.metadata;
  const others = [
    { ...secret, metadata: { ...metadata, annotations } },
    { ...secret, metadata: { ...metadata, labels, annotations: { 'breakwater.dev/controller-name': 'd' } } },
  ];
  for (const other of others) assert.deepEqual(unwanted(gatewayClass('theirs'), [other]), []);
  const { live } = secretsOf(new Map(), [others[0]!]);
  assert.deepEqual(live, [], 'what somebody else has made under its name is not written over');
});

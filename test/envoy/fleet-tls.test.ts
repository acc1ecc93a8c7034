import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { issue, renewedAuthority } from '../../src/tls/control-plane/authority.ts';
import { CERTIFICATE_TIMES as TIMES } from '../../src/tls/control-plane/certificate-life.ts';
import { renewedControlPlane, secretText } from '../../src/tls/control-plane/control-plane-certificates.ts';
import { gatewaySecretText } from '../../src/tls/control-plane/gateway-certificate.ts';
import { until } from '../support/until.ts';
import { PATIENCE_MS, TlsScene, tlsOf } from './support/tls-scene.ts';

const PICKS = 'breakwater_picker_decisions_total{verdict="picked"}';
const REFUSED = 'breakwater_xds_events_total{kind="refused"}';

test('certificates of both sides, and who signs them, are renewed under load: nothing is lost, and the new ones are used', async () => {
  // Two thirds of the authority's life are over, and the next one has been trusted for long enough to sign.
  const made = renewedControlPlane(undefined, Date.now() - 0.7 * TIMES.authorityLifeMs, TIMES);
  const { certificates: before, changes } = renewedControlPlane(
    secretText(made.certificates),
    Date.now() - 2 * TIMES.publishMs,
    TIMES,
  );
  assert.equal(changes[0], 'the next authority is trusted from now on');
  await using scene = await TlsScene.start(before);
  const first = gatewaySecretText('default/one', [], before.authority, Date.now(), TIMES);
  await scene.secret.write(first);
  const envoy = await scene.envoy();
  await envoy.port('default/one/http');
  await scene.served();

  const answers = new Map<string, number>();
  let stopped = false;
  scene.stack.defer(() => {
    stopped = true;
  });
  const load = (async () => {
    while (!stopped) {
      const answer = await scene.ask();
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  })();
  const serials = async () => {
    const { certificates } = JSON.parse(await envoy.get('/certs')) as {
      readonly certificates: readonly {
        readonly cert_chain?: readonly { readonly serial_number: string }[];
      }[];
    };
    return certificates.flatMap(({ cert_chain: chain = [] }) => chain.map(one => one.serial_number));
  };
  const serialOf = (pem: string) => new X509Certificate(pem).serialNumber.toLowerCase();
  assert.ok((await serials()).includes(serialOf(first['tls.crt'])));

  // The server's, by an authority that is new to nobody.
  const authority = renewedAuthority(before.authority, Date.now(), TIMES);
  assert.notEqual(authority.issuer.cert, before.authority.issuer.cert);
  const server = issue(
    authority,
    { commonName: 'breakwater', usage: 'server', dnsNames: ['breakwater'] },
    Date.now(),
    TIMES,
  );
  scene.certificates = { authority, server };
  scene.fleet.setTls(tlsOf(scene.certificates));
  // The client's.
  const second = scene.client();
  await scene.secret.write(second);
  await until(
    'Envoy has the new one',
    async () => (await serials()).includes(serialOf(second['tls.crt'])),
    PATIENCE_MS,
  );
  const connections = scene.xds.connections;
  scene.xds.cut();
  await until(
    'Envoy is back',
    () => scene.xds.connections > connections && scene.trouble === undefined,
    PATIENCE_MS,
  );
  const picked = await scene.metric(PICKS);
  await until('it goes on', async () => (await scene.metric(PICKS)) > picked + 20, PATIENCE_MS);
  stopped = true;
  await load;
  assert.deepEqual([...answers.keys()], ['200 served']);
  assert.equal(await scene.metric(REFUSED), 0, scene.events.join('\n'));
});

test('an Envoy with a certificate that has expired is turned away, with its address, until it has a good one', async () => {
  await using scene = await TlsScene.start();
  await scene.secret.write(scene.client(Date.now() - 2 * TIMES.lifeMs));
  const envoy = await scene.envoy();
  await scene.told(
    /^xDS 127\.0\.0\.1:\d+: its certificate is not accepted: CERT_HAS_EXPIRED \(valid until .+\)$/,
  );
  assert.ok((await scene.metric(REFUSED)) > 0);
  assert.match(scene.trouble ?? '', /no Envoy/);
  await scene.secret.write(scene.client());
  await envoy.port('default/one/http');
  await scene.served();
});

test('a picker turns away an Envoy whose certificate has expired; the pool fails open, and all is well with a good one', async () => {
  await using scene = await TlsScene.start();
  await scene.secret.write(scene.client());
  const envoy = await scene.envoy();
  await envoy.port('default/one/http');
  const expired = scene.client(Date.now() - 2 * TIMES.lifeMs);
  await scene.secret.write(expired);
  const serial = new X509Certificate(expired['tls.crt']).serialNumber.toLowerCase();
  await until('Envoy has it', async () => (await envoy.get('/certs')).includes(serial), PATIENCE_MS);
  await scene.served();
  await scene.told(
    /^ext_proc client 127\.0\.0\.1:\d+: its certificate is not accepted: CERT_HAS_EXPIRED \(valid until .+\)$/,
  );
  assert.ok((await scene.metric('breakwater_picker_bad_input_total')) > 0);
  assert.equal(await scene.metric(PICKS), 0);
  await scene.secret.write(scene.client());
  await until(
    'the picker is asked',
    async () => {
      await scene.ask();
      return (await scene.metric(PICKS)) > 0;
    },
    PATIENCE_MS,
  );
});

test('an Envoy does not take a server whose certificate has expired, or is another one’s; what it had goes on', async () => {
  await using scene = await TlsScene.start();
  await scene.secret.write(scene.client());
  const envoy = await scene.envoy();
  await envoy.port('default/one/http');
  await scene.served();
  const { authority } = scene.certificates;
  const request = { commonName: 'breakwater', usage: 'server', dnsNames: ['breakwater'] } as const;
  const now = Date.now();
  const good = tlsOf(scene.certificates);
  const bad = {
    expired: {
      server: issue(authority, request, now - 2 * TIMES.lifeMs, TIMES),
      says: /certificate expired/,
    },
    // An Envoy that would be the control plane of another one.
    client: {
      server: issue(authority, { ...request, usage: 'client' }, now, TIMES),
      says: /(?:alert|certificate)/,
    },
    named: {
      server: issue(authority, { ...request, dnsNames: ['another'] }, now, TIMES),
      says: /(?:alert|certificate)/,
    },
  };
  for (const [what, { server, says }] of Object.entries(bad)) {
    scene.events.length = 0;
    scene.fleet.setTls({ ...good, ...server });
    scene.xds.cut();
    await scene.told(new RegExp(`^xDS 127\\.0\\.0\\.1:\\d+: .*${says.source}`));
    assert.match(scene.trouble ?? '', /no Envoy/, what);
    assert.equal(await scene.ask(), '200 served', what);
    scene.fleet.setTls(good);
    await until('it is back', () => scene.trouble === undefined, PATIENCE_MS);
  }
});

test('an Envoy that says it is another Gateway’s than its certificate is turned away, and so is one that nobody has signed', async () => {
  await using scene = await TlsScene.start();
  await scene.secret.write(scene.client(Date.now(), 'default/two'));
  const envoy = await scene.envoy();
  await scene.told(
    /it says that it is of Gateway "default\/one", and its certificate is for spiffe:\/\/breakwater\/ns\/default\/gateway\/two$/,
  );
  const stranger = renewedAuthority(undefined, Date.now() - 1000, TIMES);
  await scene.secret.write(scene.client(Date.now(), 'default/one', stranger));
  scene.xds.cut();
  await scene.told(/its certificate is not accepted: (?!CERT_HAS_EXPIRED)[A-Z_]+/);
  assert.match(scene.trouble ?? '', /no Envoy/);
  await scene.secret.write(scene.client());
  await envoy.port('default/one/http');
});

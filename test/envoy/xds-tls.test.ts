import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { packAny } from '../../src/envoy/any.ts';
import {
  type TransportSocket,
  TransportSocketSchema,
} from '../../src/envoy/gen/envoy/config/core/v3/base_pb.ts';
import { UpstreamTlsContextSchema } from '../../src/envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.ts';
import { until } from '../support/until.ts';
import { ask, Scene } from './support/scene.ts';

const path = (name: string) => join(import.meta.dirname, '../proxy/testdata', name);
const pem = (name: string) => readFileSync(path(name), 'utf8');

const file = (name: string) => ({ specifier: { case: 'filename', value: path(name) } }) as const;

function transportSocket(certificate: string): TransportSocket {
  const tls = packAny(UpstreamTlsContextSchema, {
    commonTlsContext: {
      alpnProtocols: ['h2'],
      tlsCertificates: [
        { certificateChain: file(`${certificate}.crt.pem`), privateKey: file(`${certificate}.key.pem`) },
      ],
      validationContextType: { case: 'validationContext', value: { trustedCa: file('any.crt.pem') } },
    },
  });
  return create(TransportSocketSchema, {
    name: 'envoy.transport_sockets.tls',
    configType: { case: 'typedConfig', value: tls },
  });
}

test('over mutual TLS: an Envoy with a certificate that is trusted is served, another is turned away and reported', () =>
  Scene.run(
    'delta',
    async scene => {
      const { port } = await scene.upstream('one');
      scene.tell({ routes: { '/': 'one' }, clusters: { one: port } });
      const envoy = await scene.envoy('trusted', { transportSocket: transportSocket('a.example') });
      await scene.settled();
      assert.equal(await ask(await envoy.port('web'), '/'), 'one');

      await scene.envoy('stranger', { transportSocket: transportSocket('wildcard') });
      const refused = await until('the stranger is reported', () =>
        scene.events.find(({ kind }) => kind === 'refused'),
      );
      assert.match(
        refused.message,
        /^its certificate is not accepted: DEPTH_ZERO_SELF_SIGNED_CERT \(valid until .+\)$/,
      );
      assert.deepEqual(
        scene.xds.connected().map(({ node }) => node.id),
        ['trusted'],
      );
    },
    { ca: pem('a.example.crt.pem'), cert: pem('any.crt.pem'), key: pem('any.key.pem') },
  ));

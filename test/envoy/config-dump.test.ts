import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DescMessage, fromJson, type JsonValue, type MessageShape, toJson } from '@bufbuild/protobuf';
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt';
import { parse as parseYaml } from 'yaml';
import { anyToJson } from '../../src/envoy/any.ts';
import { XDS_CLUSTER } from '../../src/envoy/envoy-bootstrap.ts';
import { ConfigDumpSchema } from '../../src/envoy/gen/envoy/admin/v3/config_dump_pb.ts';
import { ClusterSchema } from '../../src/envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import { ClusterLoadAssignmentSchema } from '../../src/envoy/gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { ListenerSchema } from '../../src/envoy/gen/envoy/config/listener/v3/listener_pb.ts';
import { RouteConfigurationSchema } from '../../src/envoy/gen/envoy/config/route/v3/route_pb.ts';
import { SecretSchema } from '../../src/envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import { envoyTypes } from '../../src/envoy/registry.ts';
import { makeSnapshot, type Snapshot } from '../../src/envoy/xds/snapshot.ts';
import { TYPE_URLS } from '../../src/envoy/xds/types.ts';
import type { EnvoyProcess } from '../support/envoy-process.ts';
import { type Protocol, Scene } from './support/scene.ts';

/** Keys do not come back from Envoy. */
const REDACTED = Buffer.from('[redacted]').toString('base64');
const pem = (kind: string) =>
  readFileSync(join(import.meta.dirname, `../proxy/testdata/a.example.${kind}.pem`)).toString('base64');
const text = readFileSync(join(import.meta.dirname, 'testdata/everything.yaml'), 'utf8');
const file = parseYaml(text.replace('CERTIFICATE', pem('crt')).replace('KEY', pem('key'))) as Record<
  string,
  JsonValue[]
>;

function messages<Desc extends DescMessage>(schema: Desc, field: string): MessageShape<Desc>[] {
  return (file[field] ?? []).map(value => fromJson(schema, value, { registry: envoyTypes() }));
}

for (const protocol of ['delta', 'state-of-the-world'] satisfies Protocol[]) {
  test(`${protocol}: Envoy takes every message, and its config_dump shows what was sent`, () =>
    Scene.run(protocol, async scene => {
      const snapshot = makeSnapshot({
        clusters: messages(ClusterSchema, 'clusters'),
        endpoints: messages(ClusterLoadAssignmentSchema, 'endpoints'),
        secrets: messages(SecretSchema, 'secrets'),
        listeners: messages(ListenerSchema, 'listeners'),
        routes: messages(RouteConfigurationSchema, 'routes'),
      });
      scene.xds.setSnapshot(snapshot);
      const envoy = await scene.envoy('first');
      await envoy.port('default/web/https');
      await scene.settled();
      assert.deepEqual(scene.nacks, []);
      const shown = await dumped(envoy);
      for (const name of ['picker', 'named', XDS_CLUSTER]) delete shown[`endpoints ${name}`];
      assert.deepEqual(shown, sent(snapshot));
    }));
}

type Resources = Record<string, JsonValue>;

function sent(snapshot: Snapshot): Resources {
  const all = Object.values(snapshot).flatMap(of => [...of.values()]);
  return Object.fromEntries(all.map(({ name, body }) => named(body, name)));
}

/** Everything that came over xDS, by type and name. What our messages lack would be an error here: unknown fields are not ignored. */
async function dumped(envoy: EnvoyProcess): Promise<Resources> {
  const json = (await envoy.json('/config_dump?include_eds')) as { configs: { '@type': string }[] };
  const used = json.configs.filter(config => !/\.(ScopedRoutes|Ecds)ConfigDump$/.test(config['@type']));
  const { configs } = fromJson(ConfigDumpSchema, { configs: used }, { registry: envoyTypes() });
  const found: Resources = {};
  for (const config of configs) {
    for (const part of dynamicParts(toJson(AnySchema, config, { registry: envoyTypes() }))) {
      const body = fromJson(AnySchema, part, { registry: envoyTypes() });
      const { name = '', clusterName = '' } = part as { name?: string; clusterName?: string };
      const [key, value] = named(body, name || clusterName);
      found[key] = value;
    }
  }
  return found;
}

function* dynamicParts(dump: JsonValue): Generator<JsonValue> {
  const { dynamicActiveClusters = [], dynamicListeners = [], dynamicRouteConfigs = [] } = dump as Dump;
  const { dynamicEndpointConfigs = [], dynamicActiveSecrets = [] } = dump as Dump;
  for (const { cluster } of dynamicActiveClusters) yield cluster;
  for (const { activeState } of dynamicListeners) yield activeState.listener;
  for (const { routeConfig } of dynamicRouteConfigs) yield routeConfig;
  for (const { endpointConfig } of dynamicEndpointConfigs) yield endpointConfig;
  for (const { secret } of dynamicActiveSecrets) yield secret;
}

interface Dump {
  readonly dynamicActiveClusters?: readonly { readonly cluster: JsonValue }[];
  readonly dynamicListeners?: readonly { readonly activeState: { readonly listener: JsonValue } }[];
  readonly dynamicRouteConfigs?: readonly { readonly routeConfig: JsonValue }[];
  readonly dynamicEndpointConfigs?: readonly { readonly endpointConfig: JsonValue }[];
  readonly dynamicActiveSecrets?: readonly { readonly secret: JsonValue }[];
}

function named(body: Any, name: string): [string, JsonValue] {
  const json = anyToJson(body);
  if (body.typeUrl === TYPE_URLS.endpoints)
    return [`endpoints ${name}`, hosts(json as unknown as Assignment)];
  const secret = json as { tlsCertificate?: { privateKey: JsonValue } };
  if (secret.tlsCertificate !== undefined) secret.tlsCertificate.privateKey = { inlineBytes: REDACTED };
  return [`${body.typeUrl.split('.').at(-1)} ${name}`, json];
}

interface Assignment {
  readonly '@type': string;
  readonly endpoints: readonly {
    readonly locality?: JsonValue;
    readonly loadBalancingWeight: JsonValue;
    readonly lbEndpoints: readonly {
      readonly endpoint: { readonly address: JsonValue };
      readonly loadBalancingWeight: JsonValue;
      readonly metadata?: JsonValue;
    }[];
  }[];
}

/** Envoy shows hosts as it uses them: with their health, defaults, and those of clusters without EDS as well. */
function hosts({ endpoints }: Assignment): JsonValue {
  return endpoints.map(({ locality = {}, loadBalancingWeight, lbEndpoints }) => [
    locality,
    loadBalancingWeight,
    lbEndpoints.map(host => [host.endpoint.address, host.loadBalancingWeight, host.metadata ?? {}]),
  ]);
}

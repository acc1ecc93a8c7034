import { create, fromBinary } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { Cluster_DiscoveryType, ClusterSchema } from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import { ClusterLoadAssignmentSchema } from '../gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { ListenerSchema } from '../gen/envoy/config/listener/v3/listener_pb.ts';
import { RouteConfigurationSchema } from '../gen/envoy/config/route/v3/route_pb.ts';
import { makeSnapshot, type Snapshot } from './snapshot.ts';
import { typeOfUrl, type XdsType } from './types.ts';

/** What one resource says, as far as the order of changes matters: what it refers to, and whether Envoy refuses it. */
export interface Parsed {
  readonly type: XdsType;
  readonly name: string;
  /** Of a listener: routes. Of a route: clusters. Of a cluster: itself, as the name of its endpoints. */
  readonly refers: readonly string[];
  readonly bad: boolean;
  readonly bytes: string;
}

/** A small set of clusters, routes to some of them, and listeners with some of these: revision 3 of a cluster is refused. */
export interface World {
  readonly clusters: Readonly<Record<string, number>>;
  readonly endpoints: Readonly<Record<string, number>>;
  readonly routes: Readonly<Record<string, readonly string[]>>;
  readonly listeners: Readonly<Record<string, readonly string[]>>;
}

export const BAD = 3;

export function snapshotOf(world: World): Snapshot {
  return makeSnapshot({
    clusters: Object.entries(world.clusters).map(([name, revision]) =>
      create(ClusterSchema, {
        name,
        altStatName: `${revision}`,
        clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.EDS },
      }),
    ),
    endpoints: Object.entries(world.endpoints).map(([clusterName, revision]) =>
      create(ClusterLoadAssignmentSchema, {
        clusterName,
        policy: { overprovisioningFactor: 100 + revision },
      }),
    ),
    routes: Object.entries(world.routes).map(([name, to]) =>
      create(RouteConfigurationSchema, { name, internalOnlyHeaders: [...to] }),
    ),
    listeners: Object.entries(world.listeners).map(([name, routes]) =>
      create(ListenerSchema, { name, statPrefix: routes.join() }),
    ),
  });
}

export function parse({ typeUrl, value }: Any): Parsed {
  const type = typeOfUrl(typeUrl)!;
  const bytes = Buffer.from(value).toString('hex');
  switch (type) {
    case 'cluster': {
      const { name, altStatName } = fromBinary(ClusterSchema, value);
      return { type, name, refers: [name], bad: altStatName === `${BAD}`, bytes };
    }
    case 'endpoints':
      return {
        type,
        name: fromBinary(ClusterLoadAssignmentSchema, value).clusterName,
        refers: [],
        bad: false,
        bytes,
      };
    case 'listener': {
      const { name, statPrefix } = fromBinary(ListenerSchema, value);
      return { type, name, refers: statPrefix.split(',').filter(Boolean), bad: false, bytes };
    }
    case 'route': {
      const { name, internalOnlyHeaders } = fromBinary(RouteConfigurationSchema, value);
      return { type, name, refers: internalOnlyHeaders, bad: false, bytes };
    }
    case 'secret':
      throw new Error('no secrets here');
  }
}

const names = (...of: string[]) => fc.subarray(of);

/** Consistent worlds: what is referred to is there, but for the endpoints of a cluster now and then. */
export function worlds(revisions: number): fc.Arbitrary<World> {
  const revision = fc.nat(revisions);
  return names('a', 'b', 'c', 'd').chain(clusters =>
    fc
      .record({
        clusters: fc.tuple(...clusters.map(() => revision)),
        endpoints: fc.tuple(...clusters.map(() => fc.nat(2))),
        routes: fc.array(names(...clusters), { minLength: 1, maxLength: 3 }),
        listeners: fc.array(names('r0', 'r1', 'r2'), { maxLength: 2 }),
      })
      .map(made => ({
        clusters: zip(clusters, made.clusters),
        endpoints: zip(clusters, made.endpoints),
        routes: Object.fromEntries(made.routes.map((to, at) => [`r${at}`, to])),
        listeners: Object.fromEntries(
          made.listeners.map((to, at) => [`l${at}`, to.filter(name => Number(name[1]) < made.routes.length)]),
        ),
      })),
  );
}

function zip(keys: readonly string[], values: readonly number[]): Record<string, number> {
  return Object.fromEntries(keys.map((key, at) => [key, values[at] ?? 0]));
}

import { BREAKWATER, type Gateway, type KubeObject, MANAGED_BY, type ResourceSet } from '../../api/index.ts';
import { ownersOf } from './other-plane.ts';
import { CONTROLLER_NAME, type OwnedObject } from './owned-object.ts';

/** What there is of all Gateways, what there should be, and what is to go. */
export interface OwnedState {
  readonly live: readonly KubeObject[];
  readonly wanted: readonly OwnedObject[];
  readonly unwanted: readonly KubeObject[];
  readonly problems: readonly Attempt[];
}

/** What a Gateway needs, or why that cannot be: it keeps what it has then. */
export interface Attempt {
  readonly gateway: Gateway;
  readonly objects: readonly OwnedObject[];
  readonly error?: string;
}

export function attempt(gateway: Gateway, make: () => OwnedObject[]): Attempt {
  try {
    return { gateway, objects: make() };
  } catch (error) {
    return { gateway, objects: [], error: error instanceof Error ? error.message : String(error) };
  }
}

/** The objects among these that this controller made. */
export function madeBy(controllerName: string, objects: readonly KubeObject[]): KubeObject[] {
  return objects.filter(
    ({ metadata }) =>
      metadata.labels?.[MANAGED_BY] === BREAKWATER &&
      metadata.annotations?.[CONTROLLER_NAME] === controllerName,
  );
}

/**
 * Of a Gateway that is served, what it does not need any more goes; of one that has become another controller's, everything.
 * One that cannot be served now (its certificate or EnvoyProxy is missing) keeps what it has: a load balancer's address would
 * be lost. What a deleted Gateway had is the garbage collector's.
 */
export function ownedState(
  set: ResourceSet,
  controllerName: string,
  live: readonly KubeObject[],
  attempts: readonly Attempt[],
): OwnedState {
  const wanted = attempts.flatMap(({ objects }) => objects);
  const problems = attempts.filter(({ error }) => error !== undefined);
  const keys = new Set(wanted.map(keyOf));
  const served = new Set(wanted.flatMap(({ metadata }) => ownersOf({ metadata })));
  const gateways = new Map(set.list('Gateway').map(gateway => [gateway.metadata.uid, gateway]));
  const unwanted = live.filter(object => {
    if (keys.has(keyOf(object))) return false;
    return ownersOf(object).some(uid => {
      const gateway = gateways.get(uid);
      return gateway !== undefined && (served.has(uid) || !isOurs(set, controllerName, gateway));
    });
  });
  return { live, wanted, unwanted, problems };
}

/** A class that is not there, or not known now, says nothing about whose the Gateway is. */
function isOurs(set: ResourceSet, controllerName: string, { spec }: Gateway): boolean {
  const gatewayClass = set.get('GatewayClass', '', spec.gatewayClassName);
  return gatewayClass === undefined || gatewayClass.spec.controllerName === controllerName;
}

function keyOf({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'> | OwnedObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

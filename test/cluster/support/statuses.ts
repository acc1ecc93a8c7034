import type { Lab } from '../lab/index.ts';

export const CONTROLLER = 'gateway.envoyproxy.io/gatewayclass-controller';
const GATEWAY_API = 'gateway.networking.k8s.io/v1';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly observedGeneration?: number;
}

export interface RouteEntry {
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

interface Read {
  readonly metadata: { readonly name: string; readonly generation: number; readonly resourceVersion: string };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly listeners?: readonly { readonly name: string; readonly conditions: readonly Condition[] }[];
    readonly parents?: readonly RouteEntry[];
  };
}

/** A class of ours and its Gateway `gateway` with one listener of port 80. */
export const GATEWAY_OBJECTS = [
  {
    apiVersion: GATEWAY_API,
    kind: 'GatewayClass',
    metadata: { name: 'ours' },
    spec: { controllerName: CONTROLLER },
  },
  {
    apiVersion: GATEWAY_API,
    kind: 'Gateway',
    metadata: { name: 'gateway', namespace: 'default' },
    spec: {
      gatewayClassName: 'ours',
      listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
    },
  },
];

/** Answers 302 by itself, for one host. */
export function redirect(name: string, host = `${name}.example`, gateway = 'gateway'): object {
  return {
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'default' },
    spec: {
      parentRefs: [{ name: gateway }],
      hostnames: [host],
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'example.com' } }] }],
    },
  };
}

/** @param plural of the Gateway API; @param name absent for a class */
export async function readObject(lab: Lab, plural: string, name: string): Promise<Read> {
  const within = plural === 'gatewayclasses' ? '' : '/namespaces/default';
  return (await lab.objects.ask('GET', `/apis/${GATEWAY_API}${within}/${plural}/${name}`)) as Read;
}

/** All HTTPRoutes. */
export async function readRoutes(lab: Lab): Promise<Read[]> {
  const path = `/apis/${GATEWAY_API}/namespaces/default/httproutes`;
  return ((await lab.objects.ask('GET', path)) as { items: Read[] }).items;
}

/** Whether our entry says so of the newest generation. */
export async function routeAccepted(lab: Lab, name: string): Promise<true | undefined> {
  return isAccepted(await readObject(lab, 'httproutes', name));
}

export function isAccepted({ status, metadata }: Read): true | undefined {
  const accepted = status?.parents
    ?.find(({ controllerName }) => controllerName === CONTROLLER)
    ?.conditions.find(({ type }) => type === 'Accepted');
  return (accepted?.status === 'True' && accepted.observedGeneration === metadata.generation) || undefined;
}

interface EventRead {
  readonly reason: string;
  readonly note: string;
  readonly type: string;
  readonly regarding: { readonly kind: string; readonly name: string };
  readonly series?: { readonly count: number };
}

export async function eventsOf(lab: Lab, kind: string, name: string): Promise<EventRead[]> {
  const path = '/apis/events.k8s.io/v1/namespaces/default/events';
  const { items } = (await lab.objects.ask('GET', path)) as { items: EventRead[] };
  return items.filter(({ regarding }) => regarding.kind === kind && regarding.name === name);
}

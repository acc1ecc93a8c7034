import type { KnownKind } from './kinds.ts';

const GATEWAY = 'gateway.networking.k8s.io';
const ENVOY_GATEWAY = 'gateway.envoyproxy.io/v1alpha1';
const INFERENCE_X = 'inference.networking.x-k8s.io/v1alpha2';

/** Of each kind, the smallest object that an API server takes. */
export const right: Partial<
  Record<KnownKind, () => { readonly apiVersion: string; readonly [field: string]: unknown }>
> = {
  GatewayClass: () => ({
    apiVersion: `${GATEWAY}/v1`,
    spec: { controllerName: 'gateway.envoyproxy.io/gatewayclass-controller' },
  }),
  Gateway: () => ({
    apiVersion: `${GATEWAY}/v1`,
    spec: { gatewayClassName: 'c', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  }),
  ListenerSet: () => ({
    apiVersion: `${GATEWAY}/v1`,
    spec: { parentRef: { name: 'g' }, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  }),
  HTTPRoute: () => ({
    apiVersion: `${GATEWAY}/v1`,
    spec: {
      parentRefs: [{ name: 'g' }],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/a' } }],
          backendRefs: [{ name: 's', port: 80 }],
        },
      ],
    },
  }),
  ReferenceGrant: () => ({
    apiVersion: `${GATEWAY}/v1beta1`,
    spec: {
      from: [{ group: GATEWAY, kind: 'HTTPRoute', namespace: 'a' }],
      to: [{ group: '', kind: 'Service' }],
    },
  }),
  BackendTrafficPolicy: () => ({
    apiVersion: ENVOY_GATEWAY,
    spec: { targetRefs: [{ group: GATEWAY, kind: 'HTTPRoute', name: 'r' }] },
  }),
  Backend: () => ({
    apiVersion: ENVOY_GATEWAY,
    spec: { endpoints: [{ ip: { address: '1.2.3.4', port: 80 } }] },
  }),
  InferencePoolV1Alpha2: () => ({
    apiVersion: INFERENCE_X,
    spec: { selector: { app: 'a' }, targetPortNumber: 8000, extensionRef: { name: 'e' } },
  }),
  InferencePoolV1: () => ({
    apiVersion: 'inference.networking.k8s.io/v1',
    spec: {
      selector: { matchLabels: { app: 'a' } },
      targetPorts: [{ number: 8000 }],
      endpointPickerRef: { name: 'e', port: { number: 9002 } },
    },
  }),
  InferenceModel: () => ({ apiVersion: INFERENCE_X, spec: { modelName: 'm', poolRef: { name: 'p' } } }),
  InferenceObjective: () => ({ apiVersion: INFERENCE_X, spec: { poolRef: { name: 'p' } } }),
  BackendTLSPolicy: () => ({
    apiVersion: `${GATEWAY}/v1`,
    spec: {
      targetRefs: [{ group: '', kind: 'Service', name: 's' }],
      validation: { hostname: 'a.example', wellKnownCACertificates: 'System' },
    },
  }),
  EnvoyProxy: () => ({ apiVersion: ENVOY_GATEWAY, spec: {} }),
  Service: () => ({ apiVersion: 'v1', spec: { ports: [{ port: 80 }] } }),
  EndpointSlice: () => ({
    apiVersion: 'discovery.k8s.io/v1',
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [],
  }),
  Secret: () => ({ apiVersion: 'v1' }),
  ConfigMap: () => ({ apiVersion: 'v1' }),
  Namespace: () => ({ apiVersion: 'v1' }),
  Deployment: () => ({
    apiVersion: 'apps/v1',
    spec: {
      selector: { matchLabels: { app: 'a' } },
      template: {
        metadata: { labels: { app: 'a' } },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      },
    },
  }),
};

/** Such an object, with one field that is different. */
export function objectWith(id: KnownKind, path: readonly string[] = [], value?: unknown): object {
  const object = {
    kind: id.replace(/V1(Alpha2)?$/, ''),
    metadata: { name: 'x' },
    ...right[id]!(),
  };
  let at = object as unknown as Record<string, unknown>;
  for (const part of path.slice(0, -1)) at = at[part] as Record<string, unknown>;
  if (path.length > 0) at[path.at(-1)!] = value;
  return object;
}

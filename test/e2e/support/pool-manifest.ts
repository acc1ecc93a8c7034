/** Manifests of one pool with the given model servers, reached by a Gateway with a listener on port 80 for every host. */
export function poolManifest(
  servers: readonly { readonly address: string; readonly port: number }[],
  circuitBreaker: Readonly<Record<string, unknown>> = {},
): string {
  const port = servers[0]?.port ?? 8000;
  const objects = [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'breakwater' },
      spec: { controllerName: 'breakwater.dev/gatewayclass-controller' },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'gateway' },
      spec: { gatewayClassName: 'breakwater', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'route' },
      spec: {
        parentRefs: [{ name: 'gateway' }],
        rules: [
          { backendRefs: [{ group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' }] },
        ],
      },
    },
    {
      apiVersion: 'inference.networking.k8s.io/v1',
      kind: 'InferencePool',
      metadata: { name: 'pool' },
      spec: {
        selector: { matchLabels: { app: 'model' } },
        targetPorts: [{ number: port }],
        endpointPickerRef: { name: 'picker', port: { number: 9002 } },
      },
    },
    ...servers.map(({ address }, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `model-${i}`, labels: { app: 'model' } },
      spec: { containers: [{ name: 'model', image: 'model' }] },
      status: { podIP: address },
    })),
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'BackendTrafficPolicy',
      metadata: { name: 'limit' },
      spec: {
        targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'route' }],
        circuitBreaker,
      },
    },
  ];
  return objects.map(object => JSON.stringify(object)).join('\n---\n');
}

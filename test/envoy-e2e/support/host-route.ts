/** Manifests of a route for one host to a Backend. @param path default: every path */
export function hostRoute(
  host: string,
  { address, port }: { readonly address: string; readonly port: number },
  path?: { readonly type: string; readonly value: string },
): string {
  const objects = [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: host },
      spec: {
        parentRefs: [{ name: 'gateway' }],
        hostnames: [host],
        rules: [
          {
            ...(path === undefined ? {} : { matches: [{ path }] }),
            backendRefs: [{ group: 'gateway.envoyproxy.io', kind: 'Backend', name: host }],
          },
        ],
      },
    },
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'Backend',
      metadata: { name: host },
      spec: { endpoints: [{ ip: { address, port } }] },
    },
  ];
  return objects.map(object => JSON.stringify(object)).join('\n---\n');
}

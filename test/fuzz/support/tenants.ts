/** A Gateway whose one route stays as it is, and the objects of another tenant on it, of which fuzzing makes what it likes. */
export function steady(port: number, upstream: { readonly address: string; readonly port: number }): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gateway }
spec:
  gatewayClassName: class
  listeners: [{ name: main, port: ${port}, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }]
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: servers }
spec: { endpoints: [{ ip: { address: ${upstream.address}, port: ${upstream.port} } }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: steady }
spec:
  parentRefs: [{ name: gateway }]
  hostnames: [steady.test]
  rules: [{ backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: servers }] }]
`;
}

/** The other tenant's objects, right as they stand. */
export function tenant(upstream: { readonly address: string; readonly port: number }): readonly unknown[] {
  const metadata = (name: string) => ({ name, namespace: 'tenant' });
  const route = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'theirs' };
  const backend = { group: 'gateway.envoyproxy.io', kind: 'Backend', name: 'theirs' };
  const pool = { group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'theirs' };
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: metadata('theirs'),
      spec: {
        parentRefs: [{ name: 'gateway', namespace: 'default' }],
        hostnames: ['theirs.test', '*.theirs.test'],
        rules: [
          {
            matches: [
              { path: { type: 'RegularExpression', value: '/v[0-9]+/.*' }, method: 'POST' },
              { path: { type: 'PathPrefix', value: '/b' }, headers: [{ name: 'x-a', value: 'b' }] },
              { queryParams: [{ type: 'RegularExpression', name: 'q', value: 'a|b' }] },
            ],
            filters: [
              {
                type: 'RequestHeaderModifier',
                requestHeaderModifier: { set: [{ name: 'x-s', value: 't' }], remove: ['x-r'] },
              },
              {
                type: 'URLRewrite',
                urlRewrite: {
                  hostname: 'r.test',
                  path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/c' },
                },
              },
            ],
            timeouts: { request: '10s', backendRequest: '5s' },
            retry: { attempts: 2, backoff: '10ms', codes: [503] },
            backendRefs: [{ ...backend, weight: 1 }],
          },
          {
            matches: [{ path: { type: 'Exact', value: '/old' } }],
            filters: [
              {
                type: 'RequestRedirect',
                requestRedirect: { scheme: 'https', hostname: 'n.test', port: 8443, statusCode: 301 },
              },
            ],
          },
          {
            matches: [{ path: { type: 'PathPrefix', value: '/pool' } }],
            backendRefs: [{ ...pool, weight: 3 }],
          },
        ],
      },
    },
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'Backend',
      metadata: metadata('theirs'),
      spec: { endpoints: [{ ip: { address: upstream.address, port: upstream.port } }] },
    },
    {
      apiVersion: 'inference.networking.k8s.io/v1',
      kind: 'InferencePool',
      metadata: {
        ...metadata('theirs'),
        annotations: {
          'breakwater.dev/plugins':
            '[{ name: queue-scorer, weight: 2 }, { name: prefix-cache-scorer, parameters: { maxPrefixBlocksToMatch: 64 } }]',
        },
      },
      spec: {
        selector: { matchLabels: { app: 'theirs' } },
        targetPorts: [{ number: upstream.port }],
        endpointPickerRef: { name: 'epp', port: { number: 9002 } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata('theirs'), labels: { app: 'theirs' } },
      spec: { containers: [{ name: 'server', image: 'server' }] },
      status: { podIP: upstream.address, phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'BackendTrafficPolicy',
      metadata: metadata('theirs'),
      spec: {
        targetRefs: [route],
        circuitBreaker: {
          maxConnections: 10,
          maxParallelRequests: 4,
          maxPendingRequests: 2,
          maxParallelRetries: 1,
        },
        healthCheck: {
          active: {
            type: 'HTTP',
            interval: '1s',
            timeout: '1s',
            unhealthyThreshold: 3,
            healthyThreshold: 1,
            http: { path: '/health', method: 'GET' },
          },
          passive: {
            interval: '1s',
            consecutive5XxErrors: 5,
            baseEjectionTime: '1s',
            maxEjectionPercent: 50,
          },
        },
        retry: {
          numRetries: 2,
          retryOn: { triggers: ['connect-failure'], httpStatusCodes: [503] },
          perRetry: { timeout: '1s', backOff: { baseInterval: '10ms', maxInterval: '1s' } },
        },
        timeout: { tcp: { connectTimeout: '2s' }, http: { requestTimeout: '10s' } },
        faultInjection: {
          delay: { fixedDelay: '1ms', percentage: 1 },
          abort: { httpStatus: 503, percentage: 1 },
        },
        requestBuffer: { limit: '1Mi' },
        loadBalancer: { type: 'LeastRequest' },
      },
    },
  ];
}

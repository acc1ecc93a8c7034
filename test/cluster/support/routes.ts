import type { Source } from '../../../src/source/index.ts';
import type { LabObject } from '../lab/index.ts';

/** An HTTPRoute that tells which edit it is by its first hostname. */
export function route(name: string, hostname: string): LabObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'default' },
    spec: {
      parentRefs: [{ name: 'gateway' }],
      hostnames: [hostname],
      rules: [{ backendRefs: [{ name: 'service', port: 80 }] }],
    },
  };
}

/** `NAME HOSTNAME` of all routes. */
export function routesOf(source: Source): string {
  return source
    .current()
    .list('HTTPRoute')
    .map(({ metadata, spec }) => `${metadata.name} ${spec?.hostnames?.[0]}`)
    .join(', ');
}

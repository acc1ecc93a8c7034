import type { Manifests } from '../../proxy/support/manifests.ts';
import { poolRoute, type RouteOptions } from '../../proxy/support/manifests.ts';

export interface PickedPool extends RouteOptions {
  /** 0: it has no ready endpoints. */
  readonly port: () => number;
  readonly failureMode?: 'FailOpen' | 'FailClose';
  readonly tls?: boolean;
  /** Of its endpoints. Default: 127.0.0.1 alone. */
  readonly addresses?: readonly string[];
}

/** Everything to one InferencePool, whose picker is a Service that is there. */
export function pickedPool(options: PickedPool): Manifests {
  return (port, upstreams) => {
    const { failureMode = 'FailClose' } = options;
    const text = poolRoute(options)(port, upstreams);
    return `${text.replace('extensionRef: { name: picker }', `extensionRef: { name: picker, failureMode: ${failureMode} }`)}
---
${pickerService(options.port(), options.tls, options.addresses)}`;
  };
}

/** A Service named `picker`, and where it is. */
function pickerService(port: number, tls = true, addresses: readonly string[] = ['127.0.0.1']): string {
  const ready = port !== 0;
  const endpoints = addresses.map(address => `{ addresses: [${address}], conditions: { ready: ${ready} } }`);
  return `apiVersion: v1
kind: Service
metadata: { name: picker }
spec: { ports: [{ port: 9002${tls ? '' : ', appProtocol: kubernetes.io/h2c'} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: picker-1, labels: { kubernetes.io/service-name: picker } }
addressType: IPv4
endpoints: [${endpoints.join(', ')}]
ports: [{ port: ${port === 0 ? 9002 : port} }]
`;
}

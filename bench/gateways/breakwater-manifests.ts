import type { Address } from '../processes.ts';
import { GATEWAY_ADDRESS } from './gateway.ts';

const POOL_GROUP = 'inference.networking.x-k8s.io';

/** A Gateway, a route to a pool, the pool's model, and a Pod with an address for each endpoint. */
export function breakwaterManifests(endpoints: readonly Address[]): string {
  const port = endpoints[0]!.port;
  return [gateway(), route(), pool(port), model(), ...endpoints.map(pod)].join('---\n');
}

function gateway(): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata:
  name: bench
spec:
  controllerName: gateway.envoyproxy.io/gatewayclass-controller
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: bench
spec:
  gatewayClassName: bench
  listeners:
  - name: http
    port: ${GATEWAY_ADDRESS.port}
    protocol: HTTP
`;
}

function route(): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: bench
spec:
  parentRefs:
  - name: bench
  rules:
  - matches:
    - path:
        type: PathPrefix
        value: /
    backendRefs:
    - group: ${POOL_GROUP}
      kind: InferencePool
      name: bench
`;
}

function pool(port: number): string {
  return `
apiVersion: ${POOL_GROUP}/v1alpha2
kind: InferencePool
metadata:
  name: bench
spec:
  targetPortNumber: ${port}
  selector:
    app: model-server
  extensionRef:
    name: picker
`;
}

function model(): string {
  return `
apiVersion: ${POOL_GROUP}/v1alpha2
kind: InferenceModel
metadata:
  name: bench
spec:
  modelName: /model/llama2
  criticality: Critical
  poolRef:
    group: ${POOL_GROUP}
    kind: InferencePool
    name: bench
  targetModels:
  - name: /model/llama2
    weight: 100
`;
}

function pod({ host, port }: Address, index: number): string {
  return `
apiVersion: v1
kind: Pod
metadata:
  name: model-server-${index}
  labels:
    app: model-server
spec:
  containers:
  - name: server
    image: model-server
    ports:
    - containerPort: ${port}
status:
  podIP: ${host}
`;
}

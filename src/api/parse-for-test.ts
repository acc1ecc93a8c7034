import { parseObject } from './parse-object.ts';

export function route(spec: object) {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'r', creationTimestamp: null },
    spec,
  };
}

export const messages = (raw: unknown) => parseObject(raw).errors.map(error => error.message);

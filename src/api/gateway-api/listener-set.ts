import { z } from 'zod';
import { group, kind, namespaceName, objectName } from '../common-schemas.ts';
import { kubeObject } from '../kube-object.ts';
import { listeners } from './gateway-listener.ts';

/** gateway.networking.k8s.io/v1 ListenerSet; its listeners are written as those of Gateways, under the same rules. */
export const listenerSetSchema = kubeObject({
  spec: z.strictObject({
    parentRef: z.strictObject({
      group: group.default('gateway.networking.k8s.io'),
      kind: kind.default('Gateway'),
      name: objectName,
      namespace: namespaceName.optional(),
    }),
    listeners,
  }),
});

export type ListenerSet = z.input<typeof listenerSetSchema>;

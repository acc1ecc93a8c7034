import { z } from 'zod';
import { hostname, labelSelector, portNumber, stringMap } from './common.ts';
import { kubeObject } from './kube-object.ts';

const allowedRoutes = z.strictObject({
  namespaces: z
    .strictObject({
      from: z.enum(['All', 'Selector', 'Same', 'None']).default('Same'),
      selector: labelSelector.optional(),
    })
    .prefault({}),
  kinds: z
    .array(z.strictObject({ group: z.string().default('gateway.networking.k8s.io'), kind: z.string() }))
    .max(8)
    .optional(),
});

const certificateRef = z.strictObject({
  group: z.string().default(''),
  kind: z.string().default('Secret'),
  name: z.string(),
  namespace: z.string().optional(),
});

const listener = z.strictObject({
  name: z.string().min(1).max(253),
  hostname: hostname.optional(),
  port: portNumber,
  protocol: z.string().min(1).max(255),
  tls: z
    .strictObject({
      mode: z.enum(['Terminate', 'Passthrough']).default('Terminate'),
      certificateRefs: z.array(certificateRef).max(64).optional(),
      frontendValidation: z.looseObject({}).optional(),
      options: stringMap.optional(),
    })
    .optional(),
  allowedRoutes: allowedRoutes.prefault({}),
});

/** gateway.networking.k8s.io/v1 Gateway */
export const gatewaySchema = kubeObject({
  spec: z.strictObject({
    gatewayClassName: z.string().min(1).max(253),
    listeners: z.array(listener).min(1).max(64),
    addresses: z
      .array(z.strictObject({ type: z.string().default('IPAddress'), value: z.string().optional() }))
      .max(16)
      .optional(),
    infrastructure: z
      .strictObject({
        labels: stringMap.optional(),
        annotations: stringMap.optional(),
        parametersRef: z.strictObject({ group: z.string(), kind: z.string(), name: z.string() }).optional(),
      })
      .optional(),
    allowedListeners: z.looseObject({}).optional(),
    backendTLS: z.looseObject({}).optional(),
    tls: z.looseObject({}).optional(),
  }),
});

export type Gateway = z.input<typeof gatewaySchema>;

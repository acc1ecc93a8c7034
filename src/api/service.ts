import { z } from 'zod';
import { intOrString, portNumber, stringMap } from './common.ts';
import { kubeObject } from './kube-object.ts';

/** v1 Service; fields that only matter inside of a cluster are kept as they are. */
export const serviceSchema = kubeObject({
  spec: z.looseObject({
    type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).default('ClusterIP'),
    clusterIP: z.string().optional(),
    externalName: z.string().optional(),
    selector: stringMap.optional(),
    ports: z
      .array(
        z.strictObject({
          name: z.string().optional(),
          protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
          appProtocol: z.string().optional(),
          port: portNumber,
          targetPort: intOrString.optional(),
          nodePort: z.int().optional(),
        }),
      )
      .optional(),
  }),
});

/** discovery.k8s.io/v1 EndpointSlice */
export const endpointSliceSchema = kubeObject({
  addressType: z.enum(['IPv4', 'IPv6', 'FQDN']),
  endpoints: z.array(
    z.looseObject({
      addresses: z.array(z.string()).min(1),
      hostname: z.string().optional(),
      conditions: z
        .looseObject({
          ready: z.boolean().optional(),
          serving: z.boolean().optional(),
          terminating: z.boolean().optional(),
        })
        .optional(),
    }),
  ),
  ports: z
    .array(
      z.strictObject({
        name: z.string().optional(),
        protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
        port: portNumber.optional(),
        appProtocol: z.string().optional(),
      }),
    )
    .optional(),
});

export type Service = z.input<typeof serviceSchema>;
export type EndpointSlice = z.input<typeof endpointSliceSchema>;

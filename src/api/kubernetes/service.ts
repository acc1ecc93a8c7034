import { z } from 'zod';
import { intOrString, portNumber, stringMap } from '../common-schemas.ts';
import { knownFields } from '../known-fields.ts';
import { kubeObject, serviceName } from '../kube-object.ts';
import { repeatedAt, rule } from '../schema-rules.ts';

const protocol = z.enum(['TCP', 'UDP', 'SCTP']).default('TCP');

const servicePorts = z
  .array(
    z.strictObject({
      name: z.string().optional(),
      protocol,
      appProtocol: z.string().optional(),
      port: portNumber,
      targetPort: intOrString.optional(),
      nodePort: z.int().optional(),
    }),
  )
  .check(
    rule(
      'every port must have a name where there are several',
      ports => ports.length < 2 || ports.every(port => port.name),
      ports => [ports.findIndex(port => !port.name)],
    ),
    rule(
      'names of ports must be unique',
      ports => repeatedName(ports) === -1,
      ports => [repeatedName(ports), 'name'],
    ),
    rule(
      'combination of port and protocol must be unique',
      ports => repeatedAt(ports, port => `${port.port} ${port.protocol}`) === -1,
      ports => [repeatedAt(ports, port => `${port.port} ${port.protocol}`)],
    ),
  );

function repeatedName(ports: readonly { name?: string | undefined }[]): number {
  return repeatedAt([...ports.entries()], ([index, { name }]) => name ?? `${index} `);
}

/** v1 Service; fields that only matter inside of a cluster are kept as they are. */
export const serviceSchema = kubeObject(
  {
    spec: knownFields(
      {
        type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).default('ClusterIP'),
        clusterIP: z.string().optional(),
        externalName: z.string().optional(),
        selector: stringMap.optional(),
        ports: servicePorts.optional(),
      },
      'clusterIPs externalIPs sessionAffinity loadBalancerIP loadBalancerSourceRanges externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig ipFamilies ipFamilyPolicy allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution',
    ),
  },
  serviceName,
);

/** discovery.k8s.io/v1: the label that ties an EndpointSlice to its Service. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** discovery.k8s.io/v1 EndpointSlice */
export const endpointSliceSchema = kubeObject({
  addressType: z.enum(['IPv4', 'IPv6', 'FQDN']),
  endpoints: z
    .array(
      knownFields(
        {
          addresses: z.array(z.string()).min(1),
          hostname: z.string().optional(),
          nodeName: z.string().optional(),
          conditions: z
            .strictObject({
              ready: z.boolean().optional(),
              serving: z.boolean().optional(),
              terminating: z.boolean().optional(),
            })
            .optional(),
        },
        'targetRef deprecatedTopology zone hints',
      ),
    )
    .optional(),
  ports: z
    .array(
      z.strictObject({
        name: z.string().optional(),
        protocol,
        port: portNumber.optional(),
        appProtocol: z.string().optional(),
      }),
    )
    .optional(),
});

export type Service = z.input<typeof serviceSchema>;
export type EndpointSlice = z.input<typeof endpointSliceSchema>;

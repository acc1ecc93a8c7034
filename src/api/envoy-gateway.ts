import { z } from 'zod';
import { portNumber } from './common.ts';
import { kubeObject } from './kube-object.ts';

/** gateway.envoyproxy.io/v1alpha1 EnvoyProxy: how Envoy is run; nothing of it has an effect on one machine. */
export const envoyProxySchema = kubeObject({ spec: z.looseObject({}).optional() });

/** gateway.envoyproxy.io/v1alpha1 Backend */
export const backendSchema = kubeObject({
  spec: z.strictObject({
    type: z.enum(['Endpoints', 'DynamicResolver']).default('Endpoints'),
    endpoints: z
      .array(
        z.strictObject({
          hostname: z.string().optional(),
          ip: z.strictObject({ address: z.string(), port: portNumber }).optional(),
          fqdn: z.strictObject({ hostname: z.string(), port: portNumber }).optional(),
          unix: z.strictObject({ path: z.string() }).optional(),
          zone: z.string().optional(),
        }),
      )
      .max(64)
      .optional(),
    appProtocols: z.array(z.string()).optional(),
    fallback: z.boolean().optional(),
    tls: z.looseObject({}).optional(),
  }),
});

export type EnvoyProxy = z.input<typeof envoyProxySchema>;
export type Backend = z.input<typeof backendSchema>;

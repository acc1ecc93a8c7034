import { z } from 'zod';
import { kubeObject } from './kube-object.ts';

/** gateway.networking.k8s.io/v1 GatewayClass */
export const gatewayClassSchema = kubeObject({
  spec: z.strictObject({
    controllerName: z
      .string()
      .max(253)
      .regex(
        /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/,
      ),
    description: z.string().max(64).optional(),
    parametersRef: z
      .strictObject({
        group: z.string(),
        kind: z.string(),
        name: z.string(),
        namespace: z.string().optional(),
      })
      .optional(),
  }),
});

export type GatewayClass = z.input<typeof gatewayClassSchema>;

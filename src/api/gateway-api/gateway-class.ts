import { z } from 'zod';
import { localObject, namespaceName } from '../common-schemas.ts';
import { kubeObject } from '../kube-object.ts';

/** gateway.networking.k8s.io/v1 GatewayClass */
export const gatewayClassSchema = kubeObject({
  spec: z.strictObject({
    controllerName: z
      .string()
      .min(1)
      .max(253)
      .regex(
        /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/,
      ),
    description: z.string().max(64).optional(),
    parametersRef: z.strictObject({ ...localObject, namespace: namespaceName.optional() }).optional(),
  }),
});

export type GatewayClass = z.input<typeof gatewayClassSchema>;

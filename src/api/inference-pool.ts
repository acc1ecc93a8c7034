import { z } from 'zod';
import { portNumber, stringMap } from './common.ts';
import { kubeObject } from './kube-object.ts';

const failureMode = z.enum(['FailOpen', 'FailClose']).default('FailClose');

/** inference.networking.x-k8s.io/v1alpha2 InferencePool */
export const inferencePoolV1Alpha2Schema = kubeObject({
  spec: z.strictObject({
    selector: stringMap,
    targetPortNumber: portNumber,
    extensionRef: z
      .strictObject({
        group: z.string().default(''),
        kind: z.string().default('Service'),
        name: z.string().min(1).max(253),
        portNumber: portNumber.optional(),
        failureMode,
      })
      .optional(),
  }),
});

/** inference.networking.k8s.io/v1 InferencePool */
export const inferencePoolV1Schema = kubeObject({
  spec: z.strictObject({
    selector: z.strictObject({ matchLabels: stringMap }),
    targetPorts: z
      .array(z.strictObject({ number: portNumber }))
      .min(1)
      .max(8),
    appProtocol: z.string().optional(),
    endpointPickerRef: z
      .strictObject({
        group: z.string().default(''),
        kind: z.string().default('Service'),
        name: z.string().min(1).max(253),
        port: z.strictObject({ number: portNumber }).optional(),
        failureMode,
      })
      .optional(),
  }),
});

export type InferencePoolV1Alpha2 = z.input<typeof inferencePoolV1Alpha2Schema>;
export type InferencePoolV1 = z.input<typeof inferencePoolV1Schema>;

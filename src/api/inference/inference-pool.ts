import { z } from 'zod';
import { group, kind, labelValue, objectName, portNumber } from '../common-schemas.ts';
import { kubeObject } from '../kube-object.ts';
import { atLeastOneProperty, repeatedAt, rule } from '../schema-rules.ts';

const failureMode = z.enum(['FailOpen', 'FailClose']).default('FailClose');
const picker = { group: group.default(''), kind: kind.default('Service'), name: objectName, failureMode };
const labels = z.record(z.string(), labelValue);

/**
 * inference.networking.x-k8s.io/v1alpha2 InferencePool. Its CRD wants an `extensionRef`; here it may be left out, as in
 * the v1 of Inference Extension v1.6: Breakwater picks itself.
 */
export const inferencePoolV1Alpha2Schema = kubeObject({
  spec: z.strictObject({
    selector: labels,
    targetPortNumber: portNumber,
    extensionRef: z.strictObject({ ...picker, portNumber: portNumber.optional() }).optional(),
  }),
});

/** inference.networking.k8s.io/v1 InferencePool */
export const inferencePoolV1Schema = kubeObject({
  spec: z.strictObject({
    selector: z.strictObject({
      matchLabels: labels.check(atLeastOneProperty),
    }),
    targetPorts: z
      .array(z.strictObject({ number: portNumber }))
      .min(1)
      .max(8)
      .check(
        rule(
          'port number must be unique',
          ports => repeatedAt(ports, port => String(port.number)) === -1,
          ports => [repeatedAt(ports, port => String(port.number)), 'number'],
        ),
      ),
    appProtocol: z.enum(['http', 'kubernetes.io/h2c']).default('http'),
    endpointPickerRef: z
      .strictObject({ ...picker, port: z.strictObject({ number: portNumber }).optional() })
      .check(
        rule(
          "port is required when kind is 'Service' or unspecified (defaults to 'Service')",
          ref => ref.kind !== 'Service' || ref.port !== undefined,
        ),
      )
      .optional(),
  }),
});

export type InferencePoolV1Alpha2 = z.input<typeof inferencePoolV1Alpha2Schema>;
export type InferencePoolV1 = z.input<typeof inferencePoolV1Schema>;

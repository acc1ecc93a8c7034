import { z } from 'zod';
import { byteCount, duration } from '../common-schemas.ts';
import { policyRules, targetRef, targetSelector } from '../gateway-api/policy-target.ts';
import { kubeObject } from '../kube-object.ts';
import { rule } from '../schema-rules.ts';
import { clusterSettings, preconnectRule } from './cluster-settings.ts';
import {
  admissionControl,
  bandwidthLimit,
  compression,
  httpUpgrade,
  telemetry,
} from './policy-connection.ts';
import { rateLimit } from './policy-rate-limit.ts';
import { responseOverride } from './policy-response-override.ts';

/** Over 100 is as good as 100. */
const percentage = z.number().default(100);

const abort = z
  .strictObject({
    httpStatus: z.int().min(200).max(600).optional(),
    grpcStatus: z.int().min(0).max(16).optional(),
    percentage,
  })
  .check(
    rule(
      'httpStatus and grpcStatus cannot be simultaneously defined.',
      each => each.httpStatus === undefined || each.grpcStatus === undefined,
    ),
    rule(
      'httpStatus and grpcStatus are set at least one.',
      each => each.httpStatus !== undefined || each.grpcStatus !== undefined,
    ),
  );

const faultInjection = z
  .strictObject({
    delay: z.strictObject({ fixedDelay: duration, percentage }).optional(),
    abort: abort.optional(),
  })
  .check(
    rule(
      'Delay and abort faults are set at least one.',
      fault => fault.delay !== undefined || fault.abort !== undefined,
    ),
  );

/** gateway.envoyproxy.io/v1alpha1 BackendTrafficPolicy */
export const backendTrafficPolicySchema = kubeObject({
  spec: z
    .strictObject({
      targetRef: targetRef.optional(),
      targetRefs: z.array(targetRef).optional(),
      targetSelectors: z.array(targetSelector).optional(),
      mergeType: z.enum(['StrategicMerge', 'JSONMerge']).optional(),
      ...clusterSettings,
      faultInjection: faultInjection.optional(),
      requestBuffer: z.strictObject({ limit: byteCount.optional() }).optional(),
      httpUpgrade: httpUpgrade.optional(),
      routingType: z.enum(['Service', 'Endpoint']).optional(),
      rateLimit: rateLimit.optional(),
      bandwidthLimit: bandwidthLimit.optional(),
      admissionControl: admissionControl.optional(),
      useClientProtocol: z.boolean().optional(),
      compression: compression.optional(),
      compressor: compression.optional(),
      responseOverride: z.array(responseOverride).optional(),
      telemetry: telemetry.optional(),
    })
    .check(
      ...policyRules,
      rule(
        'either compression or compressor can be set, not both',
        spec => spec.compression === undefined || spec.compressor === undefined,
      ),
      rule(
        'requestBuffer cannot be used together with httpUpgrade',
        spec => spec.requestBuffer === undefined || !spec.httpUpgrade?.length,
        () => ['requestBuffer'],
      ),
      preconnectRule,
    ),
});

export type BackendTrafficPolicy = z.input<typeof backendTrafficPolicySchema>;

import { z } from 'zod';
import { duration, int32, intOrString, stringMap } from '../common-schemas.ts';
import { kubeObject } from '../kube-object.ts';
import { rule } from '../schema-rules.ts';
import {
  backendTlsConfig,
  dynamicModules,
  filterOrder,
  geoIP,
  jsonPatch,
  mergeBackends,
} from './envoy-extensions.ts';
import { envoyTelemetry } from './envoy-telemetry.ts';

const mergeType = z.enum(['Replace', 'StrategicMerge', 'JSONMerge']);
/** A part of an object of Kubernetes: its API server checks it. */
const part = z.looseObject({});
const parts = z.array(part);

const patch = z.strictObject({ type: z.string().optional(), value: z.unknown() });

const pod = z.strictObject({
  annotations: stringMap.optional(),
  labels: stringMap.optional(),
  securityContext: part.optional(),
  affinity: part.optional(),
  tolerations: parts.optional(),
  volumes: parts.optional(),
  imagePullSecrets: parts.optional(),
  nodeSelector: stringMap.optional(),
  topologySpreadConstraints: parts.optional(),
  priorityClassName: z.string().optional(),
});

const IMAGE = /^[a-zA-Z0-9._-]+(:[0-9]+)?(\/[a-zA-Z0-9._/-]+)?(:[a-zA-Z0-9._-]+)?(@sha256:[a-z0-9]+)?$/;
const IMAGE_REPOSITORY = /^[a-zA-Z0-9._-]+(:[0-9]+)?[a-zA-Z0-9._/-]+$/;

const container = z
  .strictObject({
    env: parts.optional(),
    resources: part.optional(),
    securityContext: part.optional(),
    image: z
      .string()
      .check(
        rule("Image must include a tag and allowed characters only (e.g., 'repo:tag').", (image: string) =>
          IMAGE.test(image),
        ),
      )
      .optional(),
    imageRepository: z
      .string()
      .check(
        rule(
          'ImageRepository must contain only allowed characters and must not include a tag.',
          (repository: string) => IMAGE_REPOSITORY.test(repository),
        ),
      )
      .optional(),
    volumeMounts: parts.optional(),
  })
  .check(
    rule(
      'Either image or imageRepository can be set.',
      ({ image, imageRepository }) => image === undefined || imageRepository === undefined,
    ),
  );

const workload = {
  patch: patch.optional(),
  strategy: part.optional(),
  pod: pod.optional(),
  container: container.optional(),
  name: z.string().optional(),
};

const onlyForLoadBalancers = (field: string) =>
  rule<Record<string, unknown>>(
    `${field} can only be set for LoadBalancer type`,
    service => service[field] === undefined || service['type'] === 'LoadBalancer',
  );

const envoyService = z
  .strictObject({
    annotations: stringMap.optional(),
    labels: stringMap.optional(),
    type: z.enum(['ClusterIP', 'LoadBalancer', 'NodePort']).default('LoadBalancer'),
    loadBalancerClass: z.string().optional(),
    allocateLoadBalancerNodePorts: z.boolean().optional(),
    loadBalancerSourceRanges: z.array(z.string()).optional(),
    loadBalancerIP: z
      .string()
      .check(
        rule('loadBalancerIP must be a valid IPv4 address', (ip: string) =>
          /^((25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\.){3}(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)$/.test(ip),
        ),
      )
      .optional(),
    externalTrafficPolicy: z.enum(['Local', 'Cluster']).default('Local'),
    patch: patch.optional(),
    name: z.string().optional(),
  })
  .check(
    onlyForLoadBalancers('allocateLoadBalancerNodePorts'),
    onlyForLoadBalancers('loadBalancerSourceRanges'),
    onlyForLoadBalancers('loadBalancerIP'),
  );

const positive = (field: string) =>
  int32.check(rule(`${field} must be greater than 0`, (count: number) => count > 0));

const envoyHpa = z
  .strictObject({
    minReplicas: positive('minReplicas').optional(),
    maxReplicas: positive('maxReplicas'),
    metrics: parts.optional(),
    behavior: part.optional(),
    patch: patch.optional(),
    name: z.string().optional(),
  })
  .check(
    rule(
      'maxReplicas cannot be less than minReplicas',
      ({ minReplicas, maxReplicas }) => minReplicas === undefined || maxReplicas >= minReplicas,
    ),
  );

const envoyPDB = z
  .strictObject({
    minAvailable: intOrString.optional(),
    maxUnavailable: intOrString.optional(),
    patch: patch.optional(),
    name: z.string().optional(),
  })
  .check(
    rule(
      'only one of minAvailable or maxUnavailable can be specified',
      ({ minAvailable, maxUnavailable }) => (minAvailable === undefined) !== (maxUnavailable === undefined),
    ),
  );

const kubernetes = z
  .strictObject({
    envoyDeployment: z
      .strictObject({ replicas: int32.optional(), initContainers: parts.optional(), ...workload })
      .optional(),
    envoyDaemonSet: z.strictObject(workload).optional(),
    envoyService: envoyService.optional(),
    envoyHpa: envoyHpa.optional(),
    useListenerPortAsContainerPort: z.boolean().optional(),
    envoyPDB: envoyPDB.optional(),
    envoyServiceAccount: z.strictObject({ name: z.string().optional() }).optional(),
  })
  .check(
    rule(
      'only one of envoyDeployment or envoyDaemonSet can be specified',
      each => each.envoyDeployment === undefined || each.envoyDaemonSet === undefined,
    ),
    rule(
      'cannot use envoyHpa if envoyDaemonSet is used',
      each => each.envoyHpa === undefined || each.envoyDaemonSet === undefined,
    ),
  );

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'off', 'critical'] as const;

const bootstrap = z
  .strictObject({
    type: z.enum(['Merge', 'Replace', 'JSONPatch']).default('Replace'),
    value: z.string().optional(),
    jsonPatches: z.array(jsonPatch).optional(),
  })
  .check(
    rule("provided bootstrap patch doesn't match the configured patch type", each =>
      each.type === 'JSONPatch' ? (each.jsonPatches ?? []).length > 0 : each.value !== undefined,
    ),
  );

/** gateway.envoyproxy.io/v1alpha1 EnvoyProxy: what the Envoys of a Gateway are. Nothing of it has an effect on one machine. */
export const envoyProxySchema = kubeObject({
  spec: z
    .strictObject({
      provider: z
        .strictObject({
          type: z.enum(['Kubernetes', 'Host']),
          kubernetes: kubernetes.optional(),
          host: z.strictObject({ envoyVersion: z.string().optional() }).optional(),
        })
        .optional(),
      logging: z
        .strictObject({
          level: z.record(z.string(), z.enum(LOG_LEVELS)).default({ default: 'warn' }),
        })
        .default({ level: { default: 'warn' } }),
      bootstrap: bootstrap.optional(),
      concurrency: int32.optional(),
      extraArgs: z.array(z.string()).optional(),
      shutdown: z
        .strictObject({
          drainTimeout: duration.optional(),
          minDrainDuration: duration.optional(),
          healthCheckFailureDelay: duration.optional(),
        })
        .optional(),
      ipFamily: z.enum(['IPv4', 'IPv6', 'DualStack']).optional(),
      telemetry: envoyTelemetry.optional(),
      mergeType: mergeType.optional(),
      backendTLS: backendTlsConfig.optional(),
      dynamicModules: dynamicModules.optional(),
      filterOrder: filterOrder.optional(),
      geoIP: geoIP.optional(),
      luaValidation: z.enum(['Strict', 'InsecureSyntax', 'Disabled']).optional(),
      mergeBackends: mergeBackends.optional(),
      mergeGateways: z.boolean().optional(),
      preserveRouteOrder: z.boolean().optional(),
      routingType: z.enum(['Service', 'Endpoint']).optional(),
    })
    .check(
      rule(
        'mergeGateways and mergeBackends cannot both be enabled',
        spec => spec.mergeGateways !== true || spec.mergeBackends === undefined,
      ),
    ),
});

export type EnvoyProxy = z.input<typeof envoyProxySchema>;

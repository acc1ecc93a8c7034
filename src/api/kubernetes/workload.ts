import { z } from 'zod';
import { labelSelector, portNumber, stringMap } from '../common-schemas.ts';
import { knownFields } from '../known-fields.ts';
import { kubeObject, objectLabels } from '../kube-object.ts';
import { rule } from '../schema-rules.ts';

// Pods have hundreds of fields: those that are read here are checked, the others are kept as they are.

const container = knownFields(
  {
    name: z.string().min(1),
    image: z.string().optional(),
    command: z.array(z.string()).optional(),
    args: z.array(z.string()).optional(),
    env: z.array(knownFields({ name: z.string(), value: z.string().optional() }, 'valueFrom')).optional(),
    ports: z
      .array(
        knownFields(
          {
            name: z.string().optional(),
            containerPort: portNumber,
            protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
          },
          'hostPort hostIP',
        ),
      )
      .optional(),
    volumeMounts: z
      .array(
        knownFields(
          { name: z.string(), mountPath: z.string(), subPath: z.string().optional() },
          'readOnly recursiveReadOnly mountPropagation subPathExpr',
        ),
      )
      .optional(),
  },
  'workingDir envFrom resources resizePolicy restartPolicy restartPolicyRules volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty',
);

const volume = knownFields(
  {
    name: z.string(),
    configMap: knownFields(
      {
        name: z.string().optional(),
        items: z.array(knownFields({ key: z.string(), path: z.string() }, 'mode')).optional(),
      },
      'defaultMode optional',
    ).optional(),
  },
  'hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs persistentVolumeClaim rbd flexVolume cinder cephfs flocker downwardAPI fc azureFile vsphereVolume quobyte azureDisk photonPersistentDisk projected portworxVolume scaleIO storageos csi ephemeral image',
);

const podSpec = knownFields(
  {
    containers: z.array(container).min(1),
    initContainers: z.array(container).optional(),
    volumes: z.array(volume).optional(),
    nodeName: z.string().optional(),
  },
  'ephemeralContainers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken hostNetwork hostPID hostIPC shareProcessNamespace securityContext imagePullSecrets hostname subdomain affinity schedulerName tolerations hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources hostnameOverride',
);

const podStatus = knownFields(
  {
    phase: z.enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']).optional(),
    podIP: z.string().optional(),
    podIPs: z.array(z.strictObject({ ip: z.string() })).optional(),
    conditions: z
      .array(
        knownFields(
          { type: z.string(), status: z.string() },
          'observedGeneration lastProbeTime lastTransitionTime reason message',
        ),
      )
      .optional(),
  },
  'observedGeneration message reason nominatedNodeName hostIP hostIPs startTime initContainerStatuses containerStatuses qosClass ephemeralContainerStatuses resize resourceClaimStatuses extendedResourceClaimStatus',
);

/** v1 Pod. Its status counts: a Pod with an address is a server that somebody else runs. */
export const podSchema = kubeObject({ spec: podSpec.optional(), status: podStatus.optional() });

const deploymentSpec = knownFields(
  {
    replicas: z.int().min(0).default(1),
    selector: labelSelector,
    template: z.strictObject({
      metadata: knownFields(
        { labels: objectLabels.optional(), annotations: stringMap.optional() },
        'name generateName namespace uid resourceVersion generation creationTimestamp ownerReferences finalizers',
      ).optional(),
      spec: podSpec,
    }),
  },
  'strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds',
);

/** apps/v1 Deployment */
export const deploymentSchema = kubeObject({
  spec: deploymentSpec.check(
    rule(
      '`selector` does not match template `labels`',
      ({ selector: { matchLabels = {} }, template }) =>
        Object.entries(matchLabels).every(([key, value]) => template.metadata?.labels?.[key] === value),
      () => ['template', 'metadata', 'labels'],
    ),
  ),
});

export type Pod = z.input<typeof podSchema>;
export type Deployment = z.input<typeof deploymentSchema>;

import { PORTS } from './controller-ports.ts';
import { type InstallObject, LABELS, metadata, NAME, POD_LABELS } from './install-object.ts';
import { type InstallOptions, servicePorts } from './install-options.ts';

/** Nobody in particular: no file of the image belongs to it. */
const USER = 65_532;

/** `breakwater controller` gives requests in flight 600 s to end; and some to tell the API server. */
const GRACE_SECONDS = 630;

export function deployment(options: InstallOptions): InstallObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(NAME, options.namespace),
    spec: {
      replicas: options.replicas,
      selector: { matchLabels: POD_LABELS },
      // The new one is ready before an old one goes.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: podMetadata(), spec: podSpec(options) },
    },
  };
}

function podMetadata() {
  return {
    labels: POD_LABELS,
    annotations: {
      'kubectl.kubernetes.io/default-container': 'controller',
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': String(PORTS.info),
    },
  };
}

function podSpec(options: InstallOptions) {
  const { imagePullSecrets } = options;
  return {
    serviceAccountName: NAME,
    ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map(name => ({ name })) }),
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    // Replicas are for a node that is lost.
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              labelSelector: { matchLabels: POD_LABELS },
              topologyKey: 'kubernetes.io/hostname',
            },
          },
        ],
      },
    },
    containers: [container(options)],
    // Node's cache of compiled code.
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
  };
}

function container({ image, imagePullPolicy, resources, ...options }: InstallOptions) {
  return {
    name: 'controller',
    image,
    imagePullPolicy,
    args: controllerArguments(options),
    env: [
      fromPod('POD_NAME', 'metadata.name'),
      fromPod('POD_NAMESPACE', 'metadata.namespace'),
      fromPod('POD_IP', 'status.podIP'),
    ],
    ports: servicePorts(options.plane).map(({ name, port }) => ({
      name,
      containerPort: port,
      protocol: 'TCP',
    })),
    // It is ready once it has listed all kinds; a slow API server makes that late, and is no reason to start it anew.
    readinessProbe: {
      httpGet: { path: '/readyz', port: 'metrics' },
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 3,
    },
    livenessProbe: {
      httpGet: { path: '/livez', port: 'metrics' },
      initialDelaySeconds: 10,
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
}

/** Of `breakwater`, which the image starts. */
function controllerArguments({
  plane,
  controllerName,
  watchNamespaces,
  gatewayNamespaces,
  workers,
}: Pick<
  InstallOptions,
  'plane' | 'controllerName' | 'watchNamespaces' | 'gatewayNamespaces' | 'workers'
>): string[] {
  return [
    'controller',
    `--plane=${plane}`,
    `--controller-name=${controllerName}`,
    ...(plane === 'envoy' ? [`--service=${NAME}`] : []),
    ...(plane === 'envoy' || workers === undefined ? [] : [`--workers=${workers}`]),
    ...watchNamespaces.map(name => `--watch-namespace=${name}`),
    ...gatewayNamespaces.map(name => `--gateway-namespace=${name}`),
  ];
}

function fromPod(name: string, fieldPath: string) {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

export function disruptionBudget({ namespace }: InstallOptions): InstallObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(NAME, namespace),
    // Not minAvailable: with one replica, no node could be drained.
    spec: { maxUnavailable: 1, selector: { matchLabels: POD_LABELS } },
  };
}

export function namespaceObject({ namespace }: InstallOptions): InstallObject {
  const level = 'restricted';
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { ...LABELS, 'pod-security.kubernetes.io/enforce': level } },
  };
}

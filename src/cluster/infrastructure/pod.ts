import { createHash } from 'node:crypto';
import { durationMs, type Gateway } from '../../api/index.ts';
import { SDS_CERTIFICATE, SDS_FOLDER, SDS_TRUST } from '../../wire/control-plane-files.ts';
import { CERTIFICATES_PATH, ENVOY_PORTS } from './bootstrap.ts';
import { strategicMerge } from './merge.ts';
import { infrastructureName } from './names.ts';
import { ownedMetadata } from './object.ts';
import type { DaemonSetSpec, DeploymentSpec, ProxySpec } from './proxy-spec.ts';

const REPOSITORY = 'docker.io/envoyproxy/envoy';
const TAG = 'distroless-v1.40.0';
/** Nobody in particular. */
const USER = 65_532;
const BOOTSTRAP_PATH = '/etc/envoy-bootstrap';
export const BOOTSTRAP_FILE = 'envoy.yaml';

/** Envoy Gateway's defaults. */
const DRAIN_TIMEOUT_MS = 60_000;
const MIN_DRAIN_MS = 10_000;
/** A Pod may take so much longer than its drain. */
const GRACE_SECONDS = 300;
/** Of that, what Envoy takes to end itself. */
const END_SECONDS = 5;

type Item = Readonly<Record<string, unknown>>;

export interface PodOptions {
  readonly gateway: Gateway;
  readonly controllerName: string;
  readonly spec: ProxySpec;
  /** Of the Deployment or DaemonSet. */
  readonly config: DeploymentSpec | DaemonSetSpec;
  readonly serviceAccountName: string;
  /** Of the ConfigMap: when it changes, Envoys are started anew. */
  readonly files: Readonly<Record<string, string>>;
}

/** core/v1 PodTemplateSpec of a Gateway's Envoys (Envoy Gateway, ResourceRender.Deployment). */
export function podTemplate(options: PodOptions): object {
  const { gateway, controllerName, spec, config, serviceAccountName, files } = options;
  const { pod = {} } = config;
  const { labels, annotations, volumes = [], ...podFields } = pod;
  const name = infrastructureName(gateway);
  const metadata = ownedMetadata(gateway, controllerName, name, {
    ...(labels === undefined ? {} : { labels }),
    annotations: { ...scrapeAnnotations(spec), ...annotations, 'breakwater.dev/files': hashOf(files) },
  });
  return {
    metadata: { labels: metadata.labels, annotations: metadata.annotations },
    spec: {
      ...podFields,
      automountServiceAccountToken: false,
      serviceAccountName,
      terminationGracePeriodSeconds: servesOnSeconds(spec) + END_SECONDS,
      ...('initContainers' in config ? { initContainers: config.initContainers } : {}),
      containers: [envoyContainer(options)],
      volumes: amended(ownVolumes(name), volumes, 'name'),
    },
  };
}

function envoyContainer({ gateway, spec, config: { container = {} } }: PodOptions): object {
  const { env = [], resources, securityContext, image, imageRepository, volumeMounts = [] } = container;
  const hasMetrics = spec.telemetry?.metrics?.prometheus?.disable !== true;
  const port = (name: string, containerPort: number) => ({ name, containerPort, protocol: 'TCP' });
  const ready = { httpGet: { path: '/ready', port: ENVOY_PORTS.readiness, scheme: 'HTTP' } };
  const probe = (periodSeconds: number, failureThreshold: number) => ({
    ...ready,
    periodSeconds,
    failureThreshold,
    successThreshold: 1,
    timeoutSeconds: 1,
  });
  return {
    name: 'envoy',
    image: image ?? `${imageRepository ?? REPOSITORY}:${TAG}`,
    imagePullPolicy: 'IfNotPresent',
    command: ['envoy'],
    args: argumentsOf(gateway, spec),
    env: amended(
      [
        { name: 'ENVOY_POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
        { name: 'ENVOY_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      env,
      'name',
    ),
    resources: resources ?? { requests: { cpu: '100m', memory: '512Mi' } },
    securityContext: strategicMerge(SECURITY_CONTEXT, securityContext ?? {}),
    ports: [
      ...(hasMetrics ? [port('metrics', ENVOY_PORTS.metrics)] : []),
      port('readiness', ENVOY_PORTS.readiness),
    ],
    volumeMounts: amended(
      [
        { name: 'certs', mountPath: CERTIFICATES_PATH, readOnly: true },
        { name: 'sds', mountPath: SDS_FOLDER, readOnly: true },
        { name: 'bootstrap', mountPath: BOOTSTRAP_PATH, readOnly: true },
      ],
      volumeMounts,
      'name',
    ),
    startupProbe: probe(1, 300),
    readinessProbe: probe(5, 1),
    livenessProbe: probe(10, 3),
    // While it sleeps, the Pod is taken out of Services, the controller tells this Envoy over xDS to let its connections go, and
    // what is in flight ends. It ends nothing by itself before: at SIGTERM Envoy breaks off all that is left.
    lifecycle: { preStop: { sleep: { seconds: servesOnSeconds(spec) } } },
  };
}

const SECURITY_CONTEXT = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  runAsGroup: USER,
  runAsNonRoot: true,
  runAsUser: USER,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Envoy Gateway, BuildProxyArgs. */
function argumentsOf({ metadata }: Gateway, spec: ProxySpec): string[] {
  const { logging, concurrency, extraArgs = [] } = spec;
  const { default: level = 'warn', ...components } = logging?.level ?? {};
  const componentLevels = Object.entries(components).map(([name, value]) => `${name}:${value}`);
  return [
    ...['--service-cluster', `${metadata.namespace}/${metadata.name}`],
    ...['--service-node', '$(ENVOY_POD_NAME)'],
    ...['--config-path', `${BOOTSTRAP_PATH}/${BOOTSTRAP_FILE}`],
    ...['--log-level', level],
    '--cpuset-threads',
    ...['--drain-strategy', 'immediate'],
    ...(concurrency === undefined ? [] : ['--concurrency', String(concurrency)]),
    ...(componentLevels.length === 0 ? [] : ['--component-log-level', componentLevels.sort().join(',')]),
    // Of a listener that is changed: when it breaks off what is left on connections that it had before.
    ...['--drain-time-s', String(servesOnSeconds(spec))],
    ...extraArgs,
  ];
}

/** How long an Envoy of a Pod that is to end serves on: as long as a Pod of Envoy Gateway may. */
function servesOnSeconds(spec: ProxySpec): number {
  return Math.ceil(drainMs(spec) / 1000) + GRACE_SECONDS - END_SECONDS;
}

/** Envoy Gateway's drain. */
function drainMs({ shutdown }: ProxySpec): number {
  const drain = durationMs(shutdown?.drainTimeout ?? '') ?? DRAIN_TIMEOUT_MS;
  return Math.max(drain, durationMs(shutdown?.minDrainDuration ?? '') ?? MIN_DRAIN_MS);
}

function ownVolumes(name: string): Item[] {
  const configMap = (files: readonly string[]) => ({
    name,
    items: files.map(file => ({ key: file, path: file })),
  });
  return [
    { name: 'certs', secret: { secretName: name } },
    { name: 'sds', configMap: configMap([SDS_CERTIFICATE.file, SDS_TRUST.file]) },
    { name: 'bootstrap', configMap: configMap([BOOTSTRAP_FILE]) },
  ];
}

function scrapeAnnotations({ telemetry }: ProxySpec): Record<string, string> {
  if (telemetry?.metrics?.prometheus?.disable === true) return {};
  return {
    'prometheus.io/path': '/stats/prometheus',
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(ENVOY_PORTS.metrics),
  };
}

/** Those of one name replace ours (Envoy Gateway, ExpectedVolumes and its like). */
function amended(own: readonly Item[], more: readonly Item[], key: string): Item[] {
  const merged = [...own];
  for (const item of more) {
    const index = merged.findIndex(each => each[key] === item[key]);
    if (index === -1) merged.push(item);
    else merged[index] = item;
  }
  return merged;
}

function hashOf(files: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
}

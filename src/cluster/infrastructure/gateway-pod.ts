import { createHash } from 'node:crypto';
import type { Gateway } from '../../api/index.ts';
import { SDS_CERTIFICATE, SDS_FOLDER, SDS_TRUST } from '../../tls/index.ts';
import { drainTimes } from './drain.ts';
import { ENDING_PATH_VARIABLE, endingPath } from './ending.ts';
import { CERTIFICATES_PATH } from './gateway-bootstrap.ts';
import { infrastructureName } from './gateway-object-names.ts';
import { strategicMerge } from './merge.ts';
import { ownedMetadata } from './owned-object.ts';
import type { DaemonSetSpec, DeploymentSpec, ProxySpec } from './proxy-spec.ts';
import { ENVOY_PORTS } from './static-parts.ts';

const REPOSITORY = 'docker.io/envoyproxy/envoy';
const TAG = 'distroless-v1.40.0';
/** Nobody in particular. */
const USER = 65_532;
const BOOTSTRAP_PATH = '/etc/envoy-bootstrap';
export const BOOTSTRAP_FILE = 'envoy.yaml';

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
  /** Whether Envoy answers at {@link endingPath} when nothing is left. */
  readonly answersEnding: boolean;
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
      terminationGracePeriodSeconds: drainTimes(spec).graceSeconds,
      ...('initContainers' in config ? { initContainers: config.initContainers } : {}),
      containers: [envoyContainer(options)],
      volumes: amended(ownVolumes(name), volumes, 'name'),
    },
  };
}

function envoyContainer(options: PodOptions): object {
  const {
    gateway,
    spec,
    config: { container = {} },
  } = options;
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
        { name: ENDING_PATH_VARIABLE, value: endingPath(gateway) },
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
    lifecycle: { preStop: preStop(options) },
  };
}

/**
 * Until it is done, the Pod is taken out of Services, the controller tells this Envoy over xDS to let its connections go, and what is
 * in flight ends. It ends nothing by itself before: at SIGTERM Envoy breaks off all that is left. A kubelet waits for the answer.
 */
function preStop({ gateway, spec, answersEnding }: PodOptions): object {
  if (!answersEnding) return { sleep: { seconds: drainTimes(spec).longestSeconds } };
  return { httpGet: { path: endingPath(gateway), port: ENVOY_PORTS.readiness, scheme: 'HTTP' } };
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
    ...['--drain-time-s', String(drainTimes(spec).longestSeconds)],
    ...extraArgs,
  ];
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

import type { Gateway } from '../../api/index.ts';
import { sdsFiles } from '../certificates/sds.ts';
import {
  answersEnding,
  type BootstrapOptions,
  bootstrapYaml,
  CERTIFICATES_PATH,
} from './gateway-bootstrap.ts';
import { infrastructureName } from './gateway-object-names.ts';
import { BOOTSTRAP_FILE, podTemplate } from './gateway-pod.ts';
import { gatewayService, type ServedPort } from './gateway-service-object.ts';
import { patched } from './merge.ts';
import { type OwnedObject, ownedMetadata, stableLabels } from './owned-object.ts';
import { kubernetesOf, type ProxySpec } from './proxy-spec.ts';
import { checkProxyValues } from './proxy-values.ts';
import { autoscaler, disruptionBudget } from './scaling.ts';

/**
 * What a Gateway is on the Envoy plane. The Secret of its certificates, of the same name, is made beside this.
 * @throws Error when its EnvoyProxy asks for what cannot be: the message is for its owner
 */
export function envoyObjects(
  gateway: Gateway,
  controllerName: string,
  spec: ProxySpec,
  ports: readonly ServedPort[],
  bootstrap: BootstrapOptions,
): OwnedObject[] {
  if (spec.provider?.type === 'Host') throw new Error('provider: type Host is not for a cluster');
  checkProxyValues(spec);
  const name = infrastructureName(gateway);
  const { envoyService = {}, envoyServiceAccount, envoyHpa, envoyPDB, envoyDeployment } = kubernetesOf(spec);
  const serviceAccountName = envoyServiceAccount?.name ?? name;
  const made = filesOf(spec, bootstrap);
  const labels = stableLabels(gateway);
  const workload = envoyWorkload({ gateway, controllerName, spec, serviceAccountName, ...made });
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: ownedMetadata(gateway, controllerName, serviceAccountName),
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: ownedMetadata(gateway, controllerName, name),
      data: made.files,
    },
    gatewayService(gateway, controllerName, envoyService, spec.ipFamily, ports, labels),
    workload,
    ...(envoyHpa === undefined
      ? []
      : [autoscaler(gateway, controllerName, envoyHpa, envoyDeployment?.name ?? name)]),
    ...(envoyPDB === undefined ? [] : [disruptionBudget(gateway, controllerName, envoyPDB)]),
  ];
}

interface Files {
  readonly files: Readonly<Record<string, string>>;
  readonly answersEnding: boolean;
}

/** Of an EnvoyProxy that many Gateways have, made once. */
const known = new WeakMap<ProxySpec, { bootstrap: BootstrapOptions; made: Files }>();

function filesOf(spec: ProxySpec, bootstrap: BootstrapOptions): Files {
  const found = known.get(spec);
  if (found?.bootstrap === bootstrap) return found.made;
  const yaml = bootstrapYaml(bootstrap, spec);
  const made = {
    files: { [BOOTSTRAP_FILE]: yaml, ...sdsFiles(CERTIFICATES_PATH) },
    answersEnding: answersEnding(yaml, bootstrap, spec),
  };
  known.set(spec, { bootstrap, made });
  return made;
}

interface WorkloadOptions extends Files {
  readonly gateway: Gateway;
  readonly controllerName: string;
  readonly spec: ProxySpec;
  readonly serviceAccountName: string;
}

function envoyWorkload(options: WorkloadOptions): OwnedObject {
  const { gateway, controllerName, spec } = options;
  const { envoyDeployment = {}, envoyDaemonSet, envoyHpa } = kubernetesOf(spec);
  const selector = { matchLabels: stableLabels(gateway) };
  const strategy = { type: 'RollingUpdate' };
  const metadata = (name: string | undefined) =>
    ownedMetadata(gateway, controllerName, name ?? infrastructureName(gateway));
  if (envoyDaemonSet !== undefined) {
    const daemonSet = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: metadata(envoyDaemonSet.name),
      spec: {
        selector,
        updateStrategy: envoyDaemonSet.strategy ?? strategy,
        template: podTemplate({ ...options, config: envoyDaemonSet }),
      },
    };
    return patched(daemonSet, envoyDaemonSet.patch);
  }
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(envoyDeployment.name),
    spec: {
      // With an autoscaler the number is its.
      ...(envoyHpa !== undefined || envoyDeployment.replicas === undefined
        ? {}
        : { replicas: envoyDeployment.replicas }),
      selector,
      strategy: envoyDeployment.strategy ?? strategy,
      template: podTemplate({ ...options, config: envoyDeployment }),
    },
  };
  return patched(deployment, envoyDeployment.patch);
}

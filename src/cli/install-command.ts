import { defaultInstallOptions, type InstallOptions, installObjects } from '../install/index.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { packageVersion } from './package-version.ts';
import { printOut } from './process/output.ts';

interface InstallArguments
  extends Pick<
    InstallOptions,
    'namespace' | 'controllerName' | 'plane' | 'replicas' | 'workers' | 'imagePullPolicy' | 'gatewayClass'
  > {
  readonly image?: string;
  readonly imagePullSecret: readonly string[];
  readonly watchNamespace: readonly string[];
  readonly gatewayNamespace: readonly string[];
  readonly output: 'yaml' | 'json';
}

/** GatewayController of gateway.networking.k8s.io/v1: a domain, a slash, a path. */
const CONTROLLER_NAME =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;
/** RFC 1123 label */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** `breakwater install`: prints what runs the controller in a cluster. Asks no cluster. */
export async function install(options: InstallArguments): Promise<void> {
  const {
    output,
    image,
    imagePullSecret: imagePullSecrets,
    watchNamespace,
    gatewayNamespace,
    ...rest
  } = options;
  for (const [option, names] of [
    ['--namespace', [rest.namespace]],
    ['--watch-namespace', watchNamespace],
    ['--gateway-namespace', gatewayNamespace],
  ] as const)
    for (const name of names)
      if (!LABEL.test(name)) throw usage(option, 'the name of a namespace, such as breakwater-system', name);
  if (!CONTROLLER_NAME.test(rest.controllerName) || rest.controllerName.length > 253)
    throw usage(
      '--controller-name',
      'a domain and a path, such as example.com/controller',
      rest.controllerName,
    );
  for (const name of gatewayNamespace)
    if (watchNamespace.length > 0 && !watchNamespace.includes(name))
      throw usage('--gateway-namespace', 'one of those of --watch-namespace', name);
  const defaults = defaultInstallOptions(packageVersion());
  const objects = installObjects({
    ...defaults,
    ...rest,
    ...(image === undefined ? {} : { image }),
    imagePullSecrets,
    watchNamespaces: [...new Set(watchNamespace)],
    gatewayNamespaces: [...new Set(gatewayNamespace)],
  });
  printOut(output === 'yaml' ? await yamlOf(objects) : jsonOf(objects));
}

/** A stream of documents. */
async function yamlOf(objects: readonly object[]): Promise<string> {
  const { stringify } = await import('yaml');
  return objects
    .map(object => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}

/** One List, which kubectl applies as well. */
function jsonOf(objects: readonly object[]): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, undefined, 2)}\n`;
}

function usage(option: string, expected: string, got: string): BreakwaterError {
  return new BreakwaterError('BW_USAGE', `${option}: expected ${expected}, got "${got}"`);
}

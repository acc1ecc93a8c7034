import { isIP } from 'node:net';
import { CONTROLLER_NAMES } from '../control/controller-names.ts';
import { collectFindings, formatFinding } from '../control/findings.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { PLUGIN_CATALOG } from '../picker/index.ts';
import type { Plan } from '../plan/index.ts';
import { translate } from '../translate/index.ts';
import { loadManifests } from './manifests.ts';
import { printError, printOut } from './process/output.ts';

export interface TranslateOptions {
  readonly filename: readonly string[];
  readonly to: 'plan' | 'envoy';
  readonly output: 'yaml' | 'json';
  /** The rest is for `--to envoy`. Where listeners bind. */
  readonly address: string;
  readonly portOffset: number;
  /** `ADDRESS:PORT` of the endpoint picker. */
  readonly picker: string;
  /** `ADDRESS:PORT` of Envoy's admin interface. */
  readonly envoyAdmin: string;
}

/** `breakwater translate`: what manifests come to. Pods that only exist while they run are not in it. */
export async function translateManifests(options: TranslateOptions): Promise<void> {
  const { set, problems } = await loadManifests(options.filename);
  const { plan, problems: found } = translate(set, {
    controllerNames: CONTROLLER_NAMES,
    plugins: PLUGIN_CATALOG,
    ...(options.to === 'envoy' ? { plane: 'envoy' } : {}),
  });
  const findings = collectFindings(set, problems, found);
  for (const finding of findings) printError(`${formatFinding(finding)}\n`);
  if (findings.some(finding => finding.severity === 'error')) process.exitCode = 1;
  const form = options.to === 'plan' ? withoutKeys(plan) : await envoyConfiguration(plan, options);
  if (options.output === 'json') printOut(`${JSON.stringify(form, undefined, 2)}\n`);
  else {
    const { stringify } = await import('yaml');
    printOut(stringify(form, { lineWidth: 0, aliasDuplicateObjects: false }));
  }
}

/** A plan is printed to be read and passed on, an Envoy's configuration to be run: only that has the keys. */
function withoutKeys(plan: Plan): unknown {
  return JSON.parse(
    JSON.stringify(plan, (_, value: unknown) =>
      typeof value === 'string' && value.includes('PRIVATE KEY-----') ? '(a private key)' : value,
    ),
  );
}

/** All of it static: no control plane is needed. */
async function envoyConfiguration(plan: Plan, options: TranslateOptions): Promise<unknown> {
  const { address, portOffset } = options;
  const { host, port } = addressOf('--picker', options.picker);
  for (const { name, externalPicker } of plan.pools)
    if (externalPicker !== undefined)
      printError(
        `note: the pool ${name} has a picker of its own, ${externalPicker.name}: the picker at ${options.picker} asks it with --external-picker\n`,
      );
  const admin = addressOf('--envoy-admin', options.envoyAdmin);
  if (isIP(address) === 0)
    throw new BreakwaterError('BW_USAGE', `--address: expected an IP, got "${address}"`);
  const [{ planMessages }, { onePicker }, { staticBootstrap }] = await Promise.all([
    import('../envoy/resources/plan-messages.ts'),
    import('../envoy/resources/picker-places.ts'),
    import('../envoy/static-bootstrap.ts'),
  ]);
  const bindings = new Map(
    plan.servers.map(({ name, port: asked }) => [name, { address, port: asked + portOffset }]),
  );
  return staticBootstrap(planMessages(plan, { bindings, pickers: onePicker({ address: host, port }) }), {
    admin,
  });
}

function addressOf(option: string, text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  if (isIP(host) === 0 || !(port <= 65_535))
    throw new BreakwaterError('BW_USAGE', `${option}: expected IP:PORT, got "${text}"`);
  return { host, port };
}

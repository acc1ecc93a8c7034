import type { Gateway, GatewayClass, ResourceSet } from '../api/index.ts';
import { proxyOf, proxyProblem } from '../cluster/infrastructure/index.ts';
import { CONTROLLER_NAMES } from '../control/controller-names.ts';
import { collectFindings, type Finding, formatFinding } from '../control/findings.ts';
import { PLUGIN_CATALOG } from '../picker/index.ts';
import { translate } from '../translate/index.ts';
import { loadManifests } from './manifests.ts';
import { printOut } from './process/output.ts';

export interface CheckOptions {
  readonly filename: readonly string[];
  readonly output: 'text' | 'json';
  readonly lenient?: boolean;
}

/** `breakwater check`: what is wrong in manifests, by file, line and column; exit code 1 when anything is an error. */
export async function check({ filename, output, lenient }: CheckOptions): Promise<void> {
  const { set, problems } = await loadManifests(filename, lenient);
  const translation = translate(set, {
    controllerNames: CONTROLLER_NAMES,
    plugins: PLUGIN_CATALOG,
    parametersProblem,
  });
  const objects = set.all().length;
  const findings = [
    ...collectFindings(set, problems, translation.problems),
    ...(objects === 0 && problems.length === 0 ? [nothingIn(filename)] : []),
  ];
  const errors = findings.filter(finding => finding.severity === 'error').length;
  printOut(
    output === 'json'
      ? `${JSON.stringify({ objects, errors, warnings: findings.length - errors, findings }, undefined, 2)}\n`
      : text(objects, findings, errors),
  );
  if (errors > 0) process.exitCode = 1;
}

/** What Envoys of a cluster would be made by; type Host of Envoy Gateway is for one machine, where nothing of it acts. */
function parametersProblem(
  set: ResourceSet,
  gateway: Gateway,
  gatewayClass: GatewayClass,
): string | undefined {
  const isOfHost = proxyOf(set, gateway, gatewayClass)?.spec.provider?.type === 'Host';
  return isOfHost ? undefined : proxyProblem('envoy', set, gateway, gatewayClass);
}

/** A mistyped folder should not look like a good one. */
function nothingIn(paths: readonly string[]): Finding {
  const message = `there is no object in ${paths.join(', ')}`;
  return { severity: 'error', code: 'manifest-invalid', message };
}

function text(objects: number, findings: readonly Finding[], errors: number): string {
  const lines = findings.map(finding => `${formatFinding(finding)}\n`).join('');
  return `${lines}${count(objects, 'object')}, ${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

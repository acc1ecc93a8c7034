import { CONTROLLER_NAMES } from '../admin/controllers.ts';
import { BreakwaterError } from '../admin/errors.ts';
import { collectFindings, formatFinding } from '../admin/findings.ts';
import { translate } from '../translate/index.ts';
import { loadManifests } from './manifests.ts';

export interface TranslateOptions {
  readonly filename: readonly string[];
  readonly to: 'plan' | 'envoy';
  readonly output: 'yaml' | 'json';
}

/** `breakwater translate`: the Plan that manifests come to. Pods that only exist while they run are not in it. */
export async function translateManifests({ filename, to, output }: TranslateOptions): Promise<void> {
  if (to === 'envoy')
    throw new BreakwaterError('BW_PLANE_UNAVAILABLE', '--to envoy is not there yet; --to plan is');
  const { set, problems } = await loadManifests(filename);
  const { plan, problems: found } = translate(set, { controllerNames: CONTROLLER_NAMES });
  const findings = collectFindings(set, problems, found);
  for (const finding of findings) process.stderr.write(`${formatFinding(finding)}\n`);
  if (findings.some(finding => finding.severity === 'error')) process.exitCode = 1;
  if (output === 'json') process.stdout.write(`${JSON.stringify(plan, undefined, 2)}\n`);
  else {
    const { stringify } = await import('yaml');
    process.stdout.write(stringify(plan, { lineWidth: 0, aliasDuplicateObjects: false }));
  }
}

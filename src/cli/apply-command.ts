import { type ApplyResponse, type ApplyResult, MAX_OBJECTS } from '../admin/wire.ts';
import { formatFinding } from '../control/findings.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { AdminClient, type ServerChoice } from './client/admin-client.ts';
import { readManifests } from './manifests.ts';
import { objectName } from './print/printed-fields.ts';
import { printError, printOut } from './process/output.ts';

export interface ApplyOptions extends ServerChoice {
  readonly filename: readonly string[];
  readonly lenient?: boolean;
}

/** `breakwater apply -f`: what is applied counts until the manifest files say otherwise. */
export async function apply(options: ApplyOptions): Promise<void> {
  const client = new AdminClient(options);
  const { objects, findings } = await readManifests(options.filename, options.lenient);
  for (const finding of findings) printError(`${formatFinding(finding)}\n`);
  const broken = findings.some(finding => finding.severity === 'error');
  if (objects.length === 0 && !broken)
    throw new BreakwaterError('BW_NO_MANIFESTS', 'no objects passed to apply');
  const results: ApplyResult[] = [];
  // Once even without objects: a server that is not there is told first.
  for (let at = 0; at === 0 || at < objects.length; at += MAX_OBJECTS) {
    const part = { objects: objects.slice(at, at + MAX_OBJECTS) };
    results.push(...(await client.post<ApplyResponse>('/v1/apply', part)).results);
  }
  for (const { apiVersion, kind, name, outcome, message, warnings } of results) {
    for (const warning of warnings) printError(`Warning: ${warning}\n`);
    if (outcome === 'invalid') printError(`${message ?? 'invalid'}\n`);
    else printOut(`${objectName({ apiVersion, kind, metadata: { name } })} ${outcome}\n`);
  }
  if (broken || results.some(result => result.outcome === 'invalid')) process.exitCode = 1;
}

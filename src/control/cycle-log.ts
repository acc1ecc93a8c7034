import type { Cycle } from './cycle.ts';
import type { EventLog } from './event-log.ts';
import { type Finding, formatFinding } from './findings.ts';
import type { WatchEvent } from './object-store.ts';

/** So many findings of a cycle are told each by itself, errors first: a log is read from its top, and a disk has an end. */
const FINDINGS_TOLD = 20;

/** Tells what a cycle has changed since the one before: what is served, what is wrong, where it listens. */
export function logCycle(
  log: EventLog,
  before: Cycle | undefined,
  after: Cycle,
  changes: readonly WatchEvent[],
): void {
  const { error } = after.report;
  // What is tried again is told once.
  const isSaid = before?.translation === after.translation && before.report.error === error;
  if (error !== undefined) {
    if (!isSaid) log.add({ type: 'plan-refused', message: error });
  } else if (before?.report.version !== after.report.version)
    log.add({
      type: 'plan-applied',
      version: after.report.version,
      changes: changes.flatMap(describeChange),
    });
  const old = new Map(before?.findings.map(finding => [formatFinding(finding), finding]));
  const fresh = after.findings.filter(finding => !old.delete(formatFinding(finding)));
  tell(log, fresh, 'finding', 'findings are new: `breakwater check` names all that are there');
  tell(log, [...old.values()], 'mended', 'findings are gone');
  const serversBefore = new Map(before?.report.servers.map(server => [server.name, server]));
  for (const server of after.report.servers) {
    const was = serversBefore.get(server.name);
    if (server.error !== undefined && was?.error !== server.error)
      log.add({ type: 'listener-failed', server: server.name, message: server.error });
    const { bound, moved } = server;
    if (bound !== undefined && was?.error !== undefined)
      log.add({
        type: 'notice',
        severity: 'info',
        message: `${server.name}: its port is free now; listening on ${bound.address}:${bound.port}`,
      });
    if (bound !== undefined && moved !== undefined && was?.bound?.port !== bound.port)
      log.add({
        type: 'listener-moved',
        server: server.name,
        reason: moved,
        bound: `${bound.address}:${bound.port}`,
      });
  }
}

function tell(log: EventLog, findings: readonly Finding[], type: 'finding' | 'mended', rest: string): void {
  const isError = ({ severity }: Finding) => severity === 'error';
  const first =
    findings.length <= FINDINGS_TOLD
      ? findings
      : [...findings.filter(isError), ...findings.filter(finding => !isError(finding))].slice(
          0,
          FINDINGS_TOLD,
        );
  for (const finding of first) log.add({ type, finding });
  const more = findings.length - first.length;
  if (more === 0) return;
  const severity = type === 'finding' && findings.some(isError) ? 'error' : 'info';
  log.add({ type: 'notice', severity, message: `${more} more ${rest}` });
}

/** Words for a change of what is wanted; a change of status only is not one. */
function describeChange({ type, object }: WatchEvent): string[] {
  const { namespace, name, generation } = object.metadata;
  const words = { ADDED: 'new', MODIFIED: 'changed', DELETED: 'deleted' }[type];
  if (type === 'MODIFIED' && (generation ?? 1) === 1) return [];
  return [`${object.kind} ${namespace === undefined ? name : `${namespace}/${name}`} ${words}`];
}

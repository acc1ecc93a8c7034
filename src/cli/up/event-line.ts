import type { LoggedEvent } from '../../control/event-log.ts';
import { formatFinding } from '../../control/findings.ts';

/** A line for an event, with its time of day; undefined for what is left out unless `verbose`. */
export function eventLine(event: LoggedEvent, verbose: boolean): string | undefined {
  const text = eventText(event, verbose);
  // What an event quotes must not look like an event of its own.
  return text === undefined ? undefined : `${timeOfDay(event.atMs)} ${text.replaceAll('\n', '\n  ')}`;
}

function eventText(event: LoggedEvent, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'plan-applied':
      if (event.changes.length === 0) return verbose ? `applied plan ${event.version}` : undefined;
      return `applied: ${listed(event.changes)}`;
    case 'plan-refused':
      return `error: not applied, the last good state goes on: ${event.message}`;
    case 'finding':
      return formatFinding(event.finding);
    case 'mended':
      return verbose ? `mended: ${formatFinding(event.finding)}` : undefined;
    case 'listener-moved':
      return `${event.server}: ${event.reason}; listening on ${event.bound} instead`;
    case 'listener-failed':
      return `error: ${event.server} is not bound: ${event.message}`;
    case 'overflow': {
      // Each time that a connection could not be opened; where one may be had later, the request waits for it.
      if (event.limit === 'maxConnections' && event.threshold !== 0)
        return `overflow: all connections of ${event.scope} are in use, requests wait for one`;
      const limit = event.threshold === undefined ? event.limit : `${event.limit} ${event.threshold}`;
      return `overflow: ${limit} of ${event.scope} refused ${event.refused} request${event.refused === 1 ? '' : 's'}`;
    }
    case 'notice':
      if (event.severity === 'info') return event.message;
      return `${event.severity}: ${event.message}`;
  }
}

/** Changes named in one line; the others are counted. */
const MAX_LISTED = 5;

function listed(items: readonly string[]): string {
  const more = items.length - MAX_LISTED;
  return `${items.slice(0, MAX_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function timeOfDay(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map(part => String(part).padStart(2, '0'))
    .join(':');
}

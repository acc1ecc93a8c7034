import { metricsRegistry } from '../../picker/index.ts';

export interface ControllerFigures {
  readonly leads: boolean;
  readonly statusWaiting: number;
  readonly statusWrites: Readonly<Record<string, number>>;
  readonly eventWrites: Readonly<Record<string, number>>;
  /** Kinds that must not be read now. */
  readonly unreadable: readonly string[];
}

/** What a controller says of itself, in Prometheus text format. Names and meanings are in docs/reference/commands.md. */
export function controllerMetrics({
  leads,
  statusWaiting,
  statusWrites,
  eventWrites,
  unreadable,
}: ControllerFigures): Promise<string> {
  const registry = metricsRegistry();
  registry.gauge('breakwater_controller_leader', '1 on the replica that writes statuses.').set(leads ? 1 : 0);
  registry
    .gauge('breakwater_controller_status_waiting', 'Objects whose status is written or waits for that.')
    .set(statusWaiting);
  const writes = registry.counter('breakwater_controller_status_writes_total', 'Writes of statuses.', [
    'outcome',
  ]);
  for (const [outcome, count] of Object.entries(statusWrites)) writes.inc({ outcome }, count);
  const events = registry.counter('breakwater_controller_events_total', 'Events on objects.', ['outcome']);
  for (const [outcome, count] of Object.entries(eventWrites)) events.inc({ outcome }, count);
  const kinds = registry.gauge(
    'breakwater_controller_unreadable_kinds',
    '1 for each kind that must not be read: statuses that depend on it are not written.',
    ['kind'],
  );
  for (const kind of unreadable) kinds.set({ kind }, 1);
  return registry.text();
}

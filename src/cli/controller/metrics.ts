import { metricsRegistry } from '../../picker/index.ts';

export interface ControllerFigures {
  readonly leads: boolean;
  readonly statusWaiting: number;
  readonly statusWrites: Readonly<Record<string, number>>;
}

/** What a controller says of itself, in Prometheus text format. Names and meanings are in docs/reference/commands.md. */
export function controllerMetrics({
  leads,
  statusWaiting,
  statusWrites,
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
  return registry.text();
}

import { metricsRegistry } from '../../kernel/index.ts';

export interface ControllerFigures {
  readonly leads: boolean;
  readonly statusWaiting: number;
  readonly statusWrites: Readonly<Record<string, number>>;
  readonly eventWrites: Readonly<Record<string, number>>;
  readonly objectsWaiting: number;
  readonly objectWrites: Readonly<Record<string, number>>;
  /** Milliseconds since 1970, by what the certificate is of. */
  readonly certificateExpiry: Readonly<Record<string, number>>;
  /** Kinds that must not be read now. */
  readonly unreadable: readonly string[];
}

/** What a controller says of itself, in Prometheus text format. Names and meanings are in docs/reference/commands.md. */
export function controllerMetrics({
  leads,
  statusWaiting,
  statusWrites,
  eventWrites,
  objectsWaiting,
  objectWrites,
  certificateExpiry,
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
  registry
    .gauge(
      'breakwater_controller_objects_waiting',
      'Objects of Gateways that are not what they should be yet.',
    )
    .set(objectsWaiting);
  const objects = registry.counter(
    'breakwater_controller_object_writes_total',
    'Writes of objects that Gateways are made of.',
    ['outcome'],
  );
  for (const [outcome, count] of Object.entries(objectWrites)) objects.inc({ outcome }, count);
  const expiry = registry.gauge(
    'breakwater_controller_certificate_expiry_seconds',
    'When a certificate of the control plane of Envoys expires, in seconds since 1970.',
    ['certificate'],
  );
  for (const [certificate, atMs] of Object.entries(certificateExpiry))
    expiry.set({ certificate }, Math.floor(atMs / 1000));
  const kinds = registry.gauge(
    'breakwater_controller_unreadable_kinds',
    '1 for each kind that must not be read: statuses that depend on it are not written.',
    ['kind'],
  );
  for (const kind of unreadable) kinds.set({ kind }, 1);
  return registry.text();
}

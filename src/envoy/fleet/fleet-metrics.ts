import type { MetricsRegistry } from '../../picker/index.ts';
import type { XdsEventKind } from '../xds/events.ts';
import type { ConnectedEnvoy } from '../xds/server.ts';

/** What is known of the Envoys that are connected. */
export function addFleetMetrics(
  { gauge, counter }: MetricsRegistry,
  envoys: readonly ConnectedEnvoy[],
  counts: Readonly<Record<XdsEventKind, number>>,
): void {
  const connected = gauge('breakwater_xds_envoys', 'Envoys that are connected, by their Gateway.', [
    'gateway',
  ]);
  const refusing = gauge(
    'breakwater_xds_envoys_refusing',
    'Envoys that refuse a part of what they were told.',
    ['gateway'],
  );
  for (const [gateway, of] of Map.groupBy(envoys, ({ group }) => group)) {
    connected.set({ gateway }, of.length);
    refusing.set({ gateway }, of.filter(({ rejections }) => rejections.length > 0).length);
  }
  const events = counter('breakwater_xds_events_total', 'What has happened at the xDS port.', ['kind']);
  for (const [kind, count] of Object.entries(counts)) events.inc({ kind }, count);
}

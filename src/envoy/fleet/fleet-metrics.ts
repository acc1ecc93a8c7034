import type { MetricsRegistry } from '../../picker/index.ts';
import type { ConnectedEnvoy } from '../xds/server.ts';

/** How the Envoys of each Gateway stand. */
export function addFleetMetrics({ gauge }: MetricsRegistry, envoys: readonly ConnectedEnvoy[]): void {
  const connected = gauge('breakwater_xds_gateway_envoys', 'Envoys of a Gateway that are connected.', [
    'gateway',
  ]);
  const refusing = gauge(
    'breakwater_xds_gateway_envoys_refusing',
    'Envoys of a Gateway that refuse a part of what they were told.',
    ['gateway'],
  );
  for (const [gateway, of] of Map.groupBy(envoys, ({ group }) => group)) {
    connected.set({ gateway }, of.length);
    refusing.set({ gateway }, of.filter(({ rejections }) => rejections.length > 0).length);
  }
}

import type { MetricsRegistry } from '../../kernel/index.ts';
import type { Gateways } from './gateways.ts';

/** How the Envoys of each Gateway stand. */
export function addFleetMetrics({ gauge }: MetricsRegistry, gateways: Gateways): void {
  const connected = gauge('breakwater_xds_gateway_envoys', 'Envoys of a Gateway that are connected.', [
    'gateway',
  ]);
  const refusing = gauge(
    'breakwater_xds_gateway_envoys_refusing',
    'Envoys of a Gateway that refuse a part of what they were told.',
    ['gateway'],
  );
  for (const [name, envoys] of gateways.envoys()) connected.set({ gateway: name }, envoys.length);
  for (const [name, count] of gateways.refusing()) refusing.set({ gateway: name }, count);
}

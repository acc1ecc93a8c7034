import type { ServerReport } from '../../plan/index.ts';
import type { GatewayServices } from '../gateway/gateway-service.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import type { PlaneView } from './plane-view.ts';

/**
 * What this replica cannot see of a Gateway's Envoys, as they may all be connected to other replicas: their Pods are ready once
 * they were told their configuration. What such Envoys refuse is known to the replica alone that tells them.
 */
export function seenElsewhere(
  view: PlaneView,
  { gateway }: GatewayContext,
  services: GatewayServices | undefined,
): PlaneView {
  if (view.kind !== 'taken' || services?.isReached(gateway) !== true) return view;
  return { ...view, report: { ...view.report, servers: view.report.servers.map(seen) } };
}

function seen(report: ServerReport): ServerReport {
  return report.elsewhere === undefined ? report : { name: report.name, bound: report.elsewhere };
}

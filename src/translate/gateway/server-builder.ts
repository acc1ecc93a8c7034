import type { Listener, Server, Telemetry, VirtualHost } from '../../plan/index.ts';
import { compareDomains } from '../hostname.ts';
import { nameInPlan } from '../listener/listener-owner.ts';
import { isServing, type ListenerContext } from '../listener/translate-listener.ts';
import { comparePrecedence, compareText, type RankedRoute } from '../precedence.ts';
import { objectRef } from '../problem.ts';
import type { Context } from '../translation-context.ts';
import { operatorsOf } from './gateway-operators.ts';
import { proxyPorts } from './proxy-ports.ts';
import type { GatewayContext } from './translate-gateway.ts';

/** Routes of each listener, by domain, in no order. */
export type RoutesByListener = Map<ListenerContext, Map<string, RankedRoute[]>>;

export function serverName(
  { gateway }: { readonly gateway: GatewayContext['gateway'] },
  port: number,
): string {
  return `${gateway.metadata.namespace}/${gateway.metadata.name}/${port}`;
}

/** One server for each Gateway and port that has a listener which can serve; ordered by name of the Gateway, then port. */
export function buildServers(
  translation: Context,
  gateways: readonly GatewayContext[],
  routes: RoutesByListener,
  telemetryOf: (gateway: GatewayContext) => Telemetry | undefined,
): Server[] {
  const { gatewayServices, plane } = translation;
  const servers: Server[] = [];
  for (const context of gateways) {
    if (context.invalid !== undefined) continue;
    const telemetry = telemetryOf(context);
    const operators = operatorsOf(translation, context.gateway);
    const ports = plane === 'envoy' ? proxyPorts(context.listeners.map(({ spec }) => spec.port)) : undefined;
    for (const [port, listeners] of Map.groupBy(
      context.listeners.filter(isServing),
      ({ spec }) => spec.port,
    )) {
      const { spec, clientValidation } = listeners[0]!;
      const bindPort =
        gatewayServices && (ports?.get(port) ?? gatewayServices.targetPort(context.gateway, port));
      servers.push({
        name: serverName(context, port),
        gateway: objectRef(context.gateway),
        port,
        ...(bindPort === undefined ? {} : { bindPort }),
        protocol: spec.protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
        ...(clientValidation === undefined ? {} : { clientValidation }),
        ...(telemetry === undefined ? {} : { telemetry }),
        ...operators,
        listeners: listeners.map(listener => buildListener(listener, routes.get(listener))),
      });
    }
  }
  return servers.sort(
    (a, b) =>
      compareText(a.gateway.namespace, b.gateway.namespace) ||
      compareText(a.gateway.name, b.gateway.name) ||
      a.port - b.port,
  );
}

function buildListener(
  listener: ListenerContext,
  byDomain: ReadonlyMap<string, RankedRoute[]> = new Map(),
): Listener {
  const virtualHosts: VirtualHost[] = [...byDomain]
    .sort(([a], [b]) => compareDomains(a, b))
    .map(([domain, ranked]) => ({
      domain,
      routes: ranked.sort((a, b) => comparePrecedence(a.rank, b.rank)).map(({ route }) => route),
    }));
  return {
    name: nameInPlan(listener),
    ...(listener.hostname === undefined ? {} : { hostname: listener.hostname }),
    certificates: listener.certificates,
    virtualHosts,
  };
}

import { type LeftOut, type Plan, type PlaneReport, refusedServers } from '../../plan/index.ts';
import { gatewayOf } from './gateway-parts.ts';
import { allLeftOut, type GatewayReport, troubleOf } from './gateway-report.ts';
import { proxyPort } from './proxy-port.ts';

/** What Envoys bind in their Pods. */
export const EVERYWHERE = '0.0.0.0';

/**
 * What statuses are made of.
 * @param reports of the Envoys of each Gateway here
 * @param othersOf what other replicas say of a Gateway
 * @param beyond what no Envoy is told, as there is no room for it
 */
export function planeReport(
  plan: Plan,
  reports: ReadonlyMap<string, GatewayReport>,
  othersOf: (gateway: string) => readonly GatewayReport[],
  beyond: readonly LeftOut[] = [],
): PlaneReport {
  const troubles = new Map([...reports].map(([name, own]) => [name, troubleOf(own, othersOf(name))]));
  const all = [...reports].flatMap(([name, own]) => allLeftOut(own, othersOf(name)));
  const leftOut = [...distinct(all), ...beyond];
  const refused = refusedServers(plan, leftOut);
  return {
    version: plan.version,
    servers: plan.servers.map(server => {
      const { name } = server;
      const trouble = troubles.get(gatewayOf(server));
      const bound = { address: EVERYWHERE, port: proxyPort(server) };
      const error = trouble?.message ?? refused.get(name);
      if (error === undefined) return { name, bound };
      return trouble?.absent === true ? { name, error, elsewhere: bound } : { name, error };
    }),
    ...(leftOut.length > 0 && { leftOut }),
  };
}

/** A route of several Gateways is refused by the Envoys of each. */
function distinct(all: readonly LeftOut[]): LeftOut[] {
  return all.length < 2 ? [...all] : [...new Map(all.map(each => [JSON.stringify(each), each])).values()];
}

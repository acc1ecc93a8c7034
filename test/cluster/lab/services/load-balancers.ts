import type { Range } from '../pods/range.ts';
import type { LabService } from './service.ts';

export interface Assignment {
  readonly service: LabService;
  /** undefined: the address is taken from it. */
  readonly address: string | undefined;
}

/**
 * Which addresses Services of type LoadBalancer are to get now. One that asks for an address (`spec.loadBalancerIP`) gets that,
 * or none when it is outside of the range or taken; one that names another implementation (`spec.loadBalancerClass`) is its.
 */
export function assignments(services: readonly LabService[], range: Range): Assignment[] {
  const taken = new Set(services.map(addressOf).filter(address => address !== undefined));
  const found: Assignment[] = [];
  for (const service of services) {
    const { type, loadBalancerIP, loadBalancerClass } = service.spec;
    const has = addressOf(service);
    if (type !== 'LoadBalancer') {
      if (has !== undefined) found.push({ service, address: undefined });
    } else if (loadBalancerClass === undefined && (has === undefined || (loadBalancerIP ?? has) !== has)) {
      const wanted =
        loadBalancerIP === undefined || loadBalancerIP === '' ? range.free(taken) : loadBalancerIP;
      const isFree = wanted !== undefined && range.includes(wanted) && !taken.has(wanted);
      if (isFree) taken.add(wanted);
      if (isFree || has !== undefined) found.push({ service, address: isFree ? wanted : undefined });
    }
  }
  return found;
}

export function addressOf({ status }: LabService): string | undefined {
  return status?.loadBalancer?.ingress?.[0]?.ip;
}

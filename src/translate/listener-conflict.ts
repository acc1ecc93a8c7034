import type { Context } from './context.ts';
import type { ListenerContext } from './listener.ts';

/**
 * Listeners of one port must agree on the protocol and differ in host name; where they do not, none of them is served.
 * Listeners that are invalid for themselves do not take part. (Gateway API, Listener and "Distinct Listeners".)
 */
export function markConflicts(context: Context, listeners: readonly ListenerContext[]): void {
  for (const onPort of groupBy(listeners.filter(isValid), listener => listener.spec.port)) {
    if (new Set(onPort.map(listener => listener.spec.protocol)).size > 1) {
      const message = 'All listeners for a given port must use a compatible protocol';
      mark(context, onPort, 'ProtocolConflict', message, 'protocol');
      continue;
    }
    for (const sameHost of groupBy(onPort, listener => listener.hostname ?? '')) {
      if (sameHost.length < 2) continue;
      const message = 'All listeners for a given port must use a unique hostname';
      mark(context, sameHost, 'HostnameConflict', message, 'hostname');
    }
  }
}

function mark(
  context: Context,
  listeners: readonly ListenerContext[],
  reason: string,
  rule: string,
  field: string,
): void {
  const names = listeners.map(
    ({ gateway, spec }) => `${gateway.metadata.namespace}/${gateway.metadata.name}/${spec.name}`,
  );
  const message = `${rule}, conflicting listeners: ${names.sort().join(', ')}`;
  for (const { gateway, index, conditions } of listeners) {
    conditions.set('Conflicted', 'True', reason, message);
    conditions.set('Accepted', 'False', reason, message);
    conditions.set('Programmed', 'False', reason, message);
    context.problems.error('listener-conflict', gateway, ['spec', 'listeners', index, field], message);
  }
}

function isValid({ conditions }: ListenerContext): boolean {
  return (
    !conditions.is('Accepted', 'False') &&
    (!conditions.is('ResolvedRefs', 'False') ||
      conditions.get('ResolvedRefs')?.reason === 'PartiallyInvalidCertificateRef')
  );
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): T[][] {
  return [...Map.groupBy(items, key).values()];
}

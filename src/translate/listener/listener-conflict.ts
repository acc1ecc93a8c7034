import type { Context } from '../translation-context.ts';
import { fullName, isOfSet } from './listener-owner.ts';
import type { ListenerContext } from './translate-listener.ts';

/**
 * Listeners of one port must agree on the protocol and differ in host name (Gateway API, Listener and "Distinct Listeners"). Where
 * those of the Gateway itself do not, none is served; else the first by precedence is, and those of later ListenerSets are not
 * (GEP-1713, "Listener and ListenerSet conflicts"; Envoy Gateway, validateConflictedProtocolsListeners). Listeners that are
 * invalid for themselves take nothing from others.
 *
 * @param listeners of one Gateway and its ListenerSets, by precedence
 */
export function markConflicts(context: Context, listeners: readonly ListenerContext[]): void {
  for (const onPort of groupBy(listeners, ({ spec }) => spec.port)) {
    const valid = onPort.filter(isValid);
    const split = losersOf(valid, (a, b) => a.spec.protocol === b.spec.protocol);
    const unserved = onPort.filter(each => isUnserved(each) && valid.some(other => !mayShare(other, each)));
    const rule = 'All listeners for a given port must use a compatible protocol';
    mark(context, [...split, ...unserved], [...valid, ...unserved], 'ProtocolConflict', rule, 'protocol');
    const left = valid.filter(listener => !split.has(listener));
    for (const sameHost of groupBy(left, listener => listener.hostname ?? '')) {
      const message = 'All listeners for a given port must use a unique hostname';
      const losers = losersOf(sameHost, () => false);
      mark(context, [...losers], sameHost, 'HostnameConflict', message, 'hostname');
    }
  }
}

/** Those that do not get what all want. An owner whose own listeners do not agree is given nothing, and next to such a Gateway nobody is. */
function losersOf(
  listeners: readonly ListenerContext[],
  agree: (a: ListenerContext, b: ListenerContext) => boolean,
): Set<ListenerContext> {
  const losers = new Set<ListenerContext>();
  let winner: ListenerContext | undefined;
  for (const own of groupBy(listeners, ({ owner }) => owner)) {
    const first = own[0]!;
    const isSplit = own.some(each => each !== first && !agree(each, first));
    if (winner === undefined && isSplit) {
      if (!isOfSet(first)) return new Set(listeners);
      for (const each of own) losers.add(each);
      continue;
    }
    winner ??= first;
    for (const each of own) if (each !== winner && !agree(each, winner)) losers.add(each);
  }
  return losers;
}

function mark(
  context: Context,
  losers: readonly ListenerContext[],
  parties: readonly ListenerContext[],
  reason: string,
  rule: string,
  field: string,
): void {
  for (const loser of losers) {
    const { owner, index, conditions } = loser;
    const message = `${rule}, conflicting listeners: ${namesFor(loser, parties)}`;
    conditions.set('Conflicted', 'True', reason, message);
    conditions.set('Accepted', 'False', reason, message);
    conditions.set('Programmed', 'False', reason, message);
    context.problems.error('listener-conflict', owner, ['spec', 'listeners', index, field], message);
  }
}

/** Who reads a ListenerSet is not told of those of other namespaces (GEP-1713: "cautious about what information …"). */
function namesFor(reader: ListenerContext, parties: readonly ListenerContext[]): string {
  const { namespace } = reader.owner.metadata;
  const isTold = (party: ListenerContext) =>
    !isOfSet(reader) || !isOfSet(party) || party.owner.metadata.namespace === namespace;
  const names = parties.filter(isTold).map(fullName).sort();
  return parties.every(isTold) ? names.join(', ') : [...names, 'others in other namespaces'].join(', ');
}

/** Of a protocol that Breakwater does not speak, in a ListenerSet: it may also lack the port, which is another's. */
function isUnserved(listener: ListenerContext): boolean {
  return isOfSet(listener) && listener.conditions.get('Accepted')?.reason === 'UnsupportedProtocol';
}

/** Gateway API, "Distinct Listeners": TLS and HTTPS are told apart by host name, UDP has ports of its own. */
function mayShare({ spec: { protocol } }: ListenerContext, { spec: other }: ListenerContext): boolean {
  return other.protocol === 'UDP' || (protocol === 'HTTPS' && other.protocol === 'TLS');
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

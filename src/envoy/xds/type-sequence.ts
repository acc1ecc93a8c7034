import type { Snapshot } from './snapshot.ts';
import type { Changes, TypeState } from './type-state.ts';
import { XDS_TYPES, type XdsType } from './types.ts';

export type TypeStates = Readonly<Record<XdsType, TypeState>>;

export interface Send {
  readonly type: XdsType;
  readonly changes: Changes;
}

/**
 * What may be sent now, so that no route or listener names a cluster that is not there
 * (xDS protocol, "Eventual consistency considerations": make before break):
 * clusters, with their endpoints and secrets; when the clusters are answered, listeners and new routes; when those are
 * answered, changed routes; when all is answered, removal of clusters and endpoints.
 * Envoy answers for clusters only when they are warm, so their answer means that they can serve.
 * Endpoints and secrets never wait: clusters and listeners wait for them, also for new content of secrets that the peer has: a
 * listener is refused where a secret of it was refused before and is not mended yet. Secrets go after the listeners.
 * A type that has not answered for `patienceMs` no longer holds up the others.
 */
export function nextSends(states: TypeStates, snapshot: Snapshot, nowMs: number, patienceMs: number): Send[] {
  const changes = new Map<XdsType, Changes>();
  for (const type of XDS_TYPES) changes.set(type, states[type].changes(snapshot[type]));
  const comes = (type: XdsType): boolean => {
    const { outstanding, answerDue } = states[type];
    if (outstanding !== undefined) return nowMs - outstanding.sinceMs < patienceMs;
    return answerDue || changes.get(type)!.changed.length > 0;
  };
  const busy = (type: XdsType): boolean => {
    if (comes(type)) return true;
    const keeps = type === 'cluster' || type === 'endpoints';
    return !keeps && states[type].outstanding === undefined && changes.get(type)!.gone.length > 0;
  };
  const clustersBusy = busy('cluster');
  const listenersBusy = busy('listener');
  const secretsCome = comes('secret');
  const allDone = !XDS_TYPES.some(busy);
  const sends: Send[] = [];
  for (const type of XDS_TYPES) {
    const state = states[type];
    if (!state.asked || state.outstanding !== undefined) continue;
    const open = allowed(type, state, changes.get(type)!, {
      clustersBusy,
      secretsCome,
      listenersBusy,
      allDone,
    });
    if (open !== undefined && (open.changed.length > 0 || open.gone.length > 0 || state.answerDue)) {
      sends.push({ type, changes: open });
    }
  }
  return sends;
}

interface Gates {
  readonly clustersBusy: boolean;
  readonly secretsCome: boolean;
  readonly listenersBusy: boolean;
  readonly allDone: boolean;
}

function allowed(
  type: XdsType,
  state: TypeState,
  { changed, gone }: Changes,
  gates: Gates,
): Changes | undefined {
  switch (type) {
    case 'cluster':
      return { changed, gone: gates.allDone ? gone : [] };
    case 'endpoints':
      // A name that the peer asked for and does not hold: there is nothing to take away, it only learns that there is none.
      return { changed, gone: gates.allDone ? gone : gone.filter(name => !state.held.get(name)?.version) };
    case 'secret':
      return { changed: state.together(changed), gone: gates.listenersBusy ? [] : gone };
    case 'listener':
      return gates.clustersBusy || gates.secretsCome ? undefined : { changed, gone };
    case 'route':
      if (gates.clustersBusy) return undefined;
      if (!gates.listenersBusy) return { changed, gone };
      return { changed: changed.filter(({ name }) => !state.held.has(name)), gone: [] };
  }
}

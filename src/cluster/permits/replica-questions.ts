import type { Fences } from './fences.ts';
import type { LeaseView } from './lease-view.ts';
import { ASK_TIMEOUT_MS, type Peers } from './peers.ts';
import type { ReplicaSession } from './replica-session.ts';

export interface ReplicaQuestionsParts {
  readonly session: Pick<ReplicaSession, 'token' | 'established'>;
  readonly view: Pick<LeaseView, 'replicaOf' | 'isLost' | 'lostAtMs' | 'confirmAlive'>;
  readonly peers: Pick<Peers, 'asked'>;
  readonly fences: Pick<Fences, 'mayTake'>;
}

/** What other replicas ask of this one by HTTP, and what it answers. */
export class ReplicaQuestions {
  readonly #parts: ReplicaQuestionsParts;

  constructor(parts: ReplicaQuestionsParts) {
    this.#parts = parts;
  }

  /** @param url its path is under `/permits/` @returns the HTTP status to answer with */
  answer(url: string, nowMs: number): number {
    const { session, view, peers, fences } = this.#parts;
    const { pathname, searchParams } = new URL(url, 'http://replica');
    const token = searchParams.get('token') ?? '';
    switch (pathname) {
      // Another that finds this one silent asks whether it lives.
      case '/permits/lives': {
        if (token !== session.token || !session.established) return 404;
        const peer = { token: searchParams.get('as') ?? '', identity: searchParams.get('from') ?? '' };
        return peers.asked(peer) ? 200 : 503;
      }
      // Another that cannot renew says that it lives.
      case '/permits/heard': {
        const seen = view.replicaOf(token);
        if (fences.mayTake(token, seen?.lease.version) || view.isLost(token)) return 409;
        // It may not have seen yet that it has lost a pool, which this replica or another takes then.
        const lostAtMs = view.lostAtMs(token);
        const freshAtMs = nowMs - Number(searchParams.get('age') ?? 'Infinity') - ASK_TIMEOUT_MS;
        if (lostAtMs > Number.NEGATIVE_INFINITY && !(lostAtMs < freshAtMs)) return 409;
        view.confirmAlive(token, nowMs);
        return 200;
      }
      default:
        return 404;
    }
  }
}

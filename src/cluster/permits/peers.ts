import { get } from 'node:http';
import { monotonicMs, startTimer, stopTimer } from '../../kernel/index.ts';
import { addressIn, REPLICA_TIMES } from './permit-names.ts';

/** Asks a replica; whether it said yes. Never fails. */
export type AskPeer = (identity: string, path: string) => Promise<boolean>;

/** Below the time between two tries of a Lease: an answer that takes longer is none. */
export const ASK_TIMEOUT_MS = 700;

/** HTTP to the port of `--info-port` of another replica. */
export const askPeer: AskPeer = (identity, path) =>
  new Promise(resolve => {
    const address = addressIn(identity);
    if (address === undefined) {
      resolve(false);
      return;
    }
    const options = { host: address.ip, port: address.port, path, agent: false, timeout: ASK_TIMEOUT_MS };
    const request = get(options, response => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    const timer = startTimer(ASK_TIMEOUT_MS, () => request.destroy());
    request.on('error', () => resolve(false));
    request.on('close', () => {
      stopTimer(timer);
      resolve(false);
    });
  });

export interface Peer {
  readonly token: string;
  readonly identity: string;
}

/**
 * While the API server cannot be asked, a replica that holds pools tells the others itself that it lives: one that says it has heard
 * so counts as it would count a renewal, from when it was asked. Only when all of them have, nobody takes anything over.
 */
export class Peers {
  readonly #ask: AskPeer;
  /** When each was asked that has heard, by token. */
  readonly #informedAtMs = new Map<string, number>();
  /** Those who asked whether this replica lives: they may not be known otherwise yet. */
  readonly #askers = new Map<string, Peer>();
  #asking = false;

  constructor(ask: AskPeer) {
    this.#ask = ask;
  }

  /** Whether there was room: who is not remembered must not rely on an answer. */
  asked(peer: Peer): boolean {
    if (this.#askers.size >= MAX_ASKERS && !this.#askers.has(peer.token)) return false;
    this.#askers.set(peer.token, peer);
    return true;
  }

  /** The Lease was renewed: all see that. */
  renewed(): void {
    this.#askers.clear();
    this.#informedAtMs.clear();
  }

  /** Whether all these, and who asked, have heard of this replica lately. */
  allInformed(known: readonly Peer[], nowMs: number): boolean {
    return this.#all(known).every(
      ({ token }) =>
        nowMs < (this.#informedAtMs.get(token) ?? Number.NEGATIVE_INFINITY) + REPLICA_TIMES.renewDeadlineMs,
    );
  }

  /** Tells all these, and who asked, that this replica lives. */
  async tell(known: readonly Peer[], path: string): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    await Promise.all(
      this.#all(known).map(async ({ token, identity }) => {
        const atMs = monotonicMs();
        if (await this.#ask(identity, path)) this.#informedAtMs.set(token, atMs);
      }),
    );
    this.#asking = false;
  }

  #all(known: readonly Peer[]): Peer[] {
    return [...new Map([...this.#askers.values(), ...known].map(peer => [peer.token, peer])).values()];
  }
}

/** More replicas than a Deployment of a gateway has. */
const MAX_ASKERS = 1_000;

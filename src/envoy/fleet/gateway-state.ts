import type { ConnectedEnvoy } from '../xds/server.ts';
import type { Snapshot } from '../xds/snapshot.ts';
import type { GatewayPart } from './gateway-parts.ts';

/** How the Envoys of one Gateway stand to what they were told last. */
export type Standing =
  /** No Envoy of the Gateway is connected. */
  | { readonly kind: 'absent' }
  /** None has taken all of it yet. */
  | { readonly kind: 'waiting' }
  /** At least one has taken all of it, and serves it. */
  | { readonly kind: 'taken' }
  /** At least one refuses a part of it; the words are Envoy's. */
  | { readonly kind: 'refused'; readonly message: string };

/** @param envoys those of one Gateway */
export function standingOf(envoys: readonly ConnectedEnvoy[]): Standing {
  if (envoys.length === 0) return { kind: 'absent' };
  const settled = envoys.filter(envoy => envoy.settled);
  const messages = new Set(settled.flatMap(({ rejections }) => rejections.map(({ message }) => message)));
  if (messages.size > 0) return { kind: 'refused', message: [...messages].sort().join('; ') };
  return settled.length > 0 ? { kind: 'taken' } : { kind: 'waiting' };
}

/** What one Gateway's Envoys were told, and what they took of it. */
export class GatewayState {
  /** What the plan has for them. */
  wanted: GatewayPart;
  /** What they were told last: the wanted, or the last good one. */
  told: Snapshot;
  /** What they have taken last. */
  good: { readonly part: GatewayPart; readonly snapshot: Snapshot } | undefined;
  /** Envoy's words about the wanted part; told only once, then the last good one is told again. */
  refusal: string | undefined;

  constructor(wanted: GatewayPart, told: Snapshot) {
    this.wanted = wanted;
    this.told = told;
  }

  want(part: GatewayPart, snapshot: Snapshot): void {
    this.wanted = part;
    this.told = snapshot;
    this.refusal = undefined;
  }

  /**
   * Takes note of how the Envoys stand.
   * @returns the snapshot that they have to be told now, because they refuse what they were told
   */
  note(standing: Standing): Snapshot | undefined {
    if (this.refusal !== undefined) return undefined;
    if (standing.kind === 'taken') this.good = { part: this.wanted, snapshot: this.told };
    if (standing.kind !== 'refused') return undefined;
    this.refusal = standing.message;
    if (this.good === undefined) return undefined;
    this.told = this.good.snapshot;
    return this.told;
  }

  /** Why the wanted part is not served by any Envoy; undefined: it is. */
  trouble(standing: Standing): string | undefined {
    if (this.refusal !== undefined) return `Envoy says: ${this.refusal}`;
    switch (standing.kind) {
      case 'absent':
        return 'no Envoy of this Gateway is connected to the control plane';
      case 'waiting':
        return this.good === undefined ? 'its Envoys have not taken their configuration yet' : undefined;
      case 'refused':
        return `Envoy says: ${standing.message}`;
      case 'taken':
        return undefined;
    }
  }
}

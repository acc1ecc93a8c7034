import type { ConnectedEnvoy, XdsServer } from '../xds/server.ts';

/** How an Envoy took the newest snapshot. */
export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly messages: readonly string[] }
  | { readonly kind: 'silent' };

/** Waits for what Envoy says to a snapshot. */
export class Settling {
  #look: (() => void) | undefined;

  /** Envoy has answered something, or has come or gone. */
  changed(): void {
    this.#look?.();
  }

  /** One at a time. */
  wait(xds: XdsServer, timeoutMs: number): Promise<Outcome> {
    return new Promise(resolve => {
      const end = (outcome: Outcome) => {
        clearTimeout(timer);
        this.#look = undefined;
        resolve(outcome);
      };
      const timer = setTimeout(() => end({ kind: 'silent' }), timeoutMs);
      this.#look = () => {
        const outcome = outcomeOf(xds.connected());
        if (outcome !== undefined) end(outcome);
      };
      this.#look();
    });
  }
}

function outcomeOf(envoys: readonly ConnectedEnvoy[]): Outcome | undefined {
  const messages = envoys.flatMap(({ rejections }) => rejections.map(({ message }) => message));
  if (messages.length > 0) return { kind: 'refused', messages };
  return envoys.length > 0 && envoys.every(({ settled }) => settled) ? { kind: 'taken' } : undefined;
}

import type { ConnectedEnvoy } from '../xds/server.ts';
import type { Rejection } from '../xds/stream-core.ts';

/** How an Envoy took the newest snapshot. */
export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly rejections: readonly Rejection[] }
  | { readonly kind: 'gone'; readonly why: string }
  | { readonly kind: 'silent' };

/** Waits for what Envoy says to a snapshot. */
export class Settling {
  readonly #connected: () => readonly ConnectedEnvoy[];
  readonly #looks = new Set<(gone?: Outcome) => void>();

  /** @param connected asked again after each {@link changed} */
  constructor(connected: () => readonly ConnectedEnvoy[]) {
    this.#connected = connected;
  }

  /** Envoy has answered something, or has come or gone. */
  changed(): void {
    for (const look of this.#looks) look();
  }

  /** No Envoy will answer soon. */
  gone(why: string): void {
    for (const look of this.#looks) look({ kind: 'gone', why });
  }

  wait(timeoutMs: number): Promise<Outcome> {
    return new Promise(resolve => {
      const end = (outcome: Outcome) => {
        clearTimeout(timer);
        this.#looks.delete(look);
        resolve(outcome);
      };
      const look = (gone?: Outcome) => {
        const outcome = gone ?? outcomeOf(this.#connected());
        if (outcome !== undefined) end(outcome);
      };
      const timer = setTimeout(() => end({ kind: 'silent' }), timeoutMs);
      this.#looks.add(look);
      look();
    });
  }
}

/** What is refused belongs to the newest snapshot only when all of that was answered. */
function outcomeOf(envoys: readonly ConnectedEnvoy[]): Outcome | undefined {
  if (envoys.length === 0 || !envoys.every(({ settled }) => settled)) return undefined;
  const rejections = envoys.flatMap(envoy => envoy.rejections);
  return rejections.length > 0 ? { kind: 'refused', rejections } : { kind: 'taken' };
}

/** Each once. */
export function messagesOf(rejections: readonly Rejection[]): string[] {
  return [...new Set(rejections.map(({ message }) => message))];
}

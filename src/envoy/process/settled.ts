import { startTimer, stopTimer } from '../../kernel/index.ts';
import type { Rejection } from '../xds/stream-core.ts';
import type { ConnectedEnvoy } from '../xds/xds-server.ts';

/** How an Envoy took the newest snapshot. */
export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly rejections: readonly Rejection[] }
  | { readonly kind: 'gone'; readonly why: string }
  | { readonly kind: 'silent' };

/** Envoy asks for the secrets of a listener when it has taken the listener; of those that it never asks for none is waited for longer. */
const SECRETS_MS = 1000;

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
        stopTimer(timer);
        stopTimer(secrets);
        this.#looks.delete(look);
        resolve(outcome);
      };
      const look = (gone?: Outcome) => {
        const outcome = gone ?? outcomeOf(this.#connected(), waitsForSecrets);
        if (outcome !== undefined) end(outcome);
      };
      let waitsForSecrets = true;
      const secrets = startTimer(SECRETS_MS, () => {
        waitsForSecrets = false;
        look();
      });
      const timer = startTimer(timeoutMs, () => end({ kind: 'silent' }));
      this.#looks.add(look);
      look();
    });
  }
}

/** What is refused belongs to the newest snapshot only when all of that was answered. */
function outcomeOf(envoys: readonly ConnectedEnvoy[], waitsForSecrets: boolean): Outcome | undefined {
  if (envoys.length === 0 || !envoys.every(({ settled }) => settled)) return undefined;
  const rejections = envoys.flatMap(envoy => envoy.rejections);
  if (rejections.length > 0) return { kind: 'refused', rejections };
  return waitsForSecrets && envoys.some(envoy => envoy.awaitsSecrets === true)
    ? undefined
    : { kind: 'taken' };
}

/** Each once. */
export function messagesOf(rejections: readonly Rejection[]): string[] {
  return [...new Set(rejections.map(({ message }) => message))];
}

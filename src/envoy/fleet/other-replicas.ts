import type { GatewayReport } from './gateway-report.ts';
import { readReports } from './report-text.ts';

/** What replicas tell each other of the Envoys that are connected to them. */
export interface ReplicaReports {
  /** What this one has to tell from now on. */
  publish(text: string): void;
  /** What the others that live say now. */
  reports(): readonly string[];
  /** Called when {@link reports} has changed. Returns what ends the subscription. */
  onReports(listener: () => void): () => void;
}

/** What the others say, read once. */
export class OtherReplicas {
  readonly #replicas: ReplicaReports | undefined;
  #read = new Map<string, ReadonlyMap<string, GatewayReport>>();

  constructor(replicas: ReplicaReports | undefined) {
    this.#replicas = replicas;
  }

  /** @param gateway `NAMESPACE/NAME` */
  of(gateway: string): GatewayReport[] {
    return [...this.#read.values()].flatMap(reports => reports.get(gateway) ?? []);
  }

  look(): void {
    const texts = this.#replicas?.reports() ?? [];
    // Two that say the same count once: one that has taken all is as good as two.
    this.#read = new Map(texts.map(text => [text, this.#read.get(text) ?? readReports(text)]));
  }
}

/** Who asks and what, as far as a plane knows it. */
export interface Asker {
  /** May be told names and decisions with an answer. */
  readonly toOperator: boolean;
  /** Sent `x-breakwater-explain`. */
  readonly explains: boolean;
  /** Path and query. */
  readonly target: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** `x-gateway-inference-objective`; '' without one. */
  readonly objective: string;
  /** What a step has waited for is there: it is asked again. */
  goesOn(): void;
}

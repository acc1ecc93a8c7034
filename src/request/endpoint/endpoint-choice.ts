import type { Prompt } from '../../dialect/index.ts';
import type { Footprint, PickEntry } from '../../picker/index.ts';
import type { Criticality, Pool } from '../../plan/index.ts';
import type { DEFAULT_ROLE, RoleEndpoint } from './role.ts';

/** Where an endpoint is reached. */
export interface Address {
  /** `ADDRESS:PORT` */
  readonly id: string;
  readonly address: string;
  readonly port: number;
}

/** What an endpoint is chosen by. */
export interface ChoiceRequest {
  readonly targetModel: string;
  readonly criticality: Criticality;
  /** Given up when the answer has begun. */
  prompt: Prompt | undefined;
  /** Id of the response that the request is about, or goes on from; '' of none. */
  readonly continues?: string;
  /** Indexes that an external picker gave, the first to be tried first; others are chosen when all of them have failed. */
  readonly placed?: readonly number[];
  /** A gateway allows only these, by id. */
  readonly subset?: readonly string[];
}

/** Of a request that no pool is asked for. */
export const NO_CHOICE: ChoiceRequest = {
  targetModel: '',
  criticality: 'Standard',
  prompt: undefined,
};

/** What was weighed, for the decision. */
interface Weighed {
  readonly pick?: PickEntry;
  readonly candidates?: readonly unknown[];
  readonly runnerUp?: string | undefined;
}

/** An endpoint that was chosen, for the role of {@link DEFAULT_ROLE}; those of other roles beside it. */
export interface Picked extends Weighed {
  readonly kind: 'picked';
  readonly index: number;
  /** Indexes of those that a gateway may go on to by itself. */
  readonly fallbacks: readonly number[];
  /** Absent: this one has all roles. */
  readonly others?: readonly RoleEndpoint[];
  /** What the request leaves there if it is served; absent: nothing that is known. */
  readonly footprint?: Footprint;
  /** Why this one, where it was not by its scores. */
  readonly reason?: string | undefined;
}

export type ChoiceResult = Picked | (Weighed & { readonly kind: 'shed' | 'none'; readonly reason: string });

/** How a try ended, for what is known of an endpoint. */
export type TryOutcome =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'failure'; readonly failure: string; readonly unreachable: boolean }
  | { readonly kind: 'cancelled' };

/** Nothing is to be learnt of the endpoint. */
export const CANCELLED: TryOutcome = { kind: 'cancelled' };

/** For people. */
export function outcomeText(outcome: TryOutcome): string {
  switch (outcome.kind) {
    case 'status':
      return String(outcome.status);
    case 'failure':
      return outcome.failure;
    case 'cancelled':
      return '';
  }
}

/** Chooses an endpoint of a cluster, try by try: a pool's picker, or a balancer over the endpoints of a Service. */
export interface EndpointChoice {
  /** Undefined for clusters that are no pool. */
  readonly pool: Pool | undefined;
  /** What is in a request's body decides which is chosen. */
  readonly needsBody: boolean;
  readonly addresses: readonly Address[];
  /** Table row of each. */
  readonly slots: ArrayLike<number>;
  /** @param tried indexes that this request was sent to before */
  choose(request: ChoiceRequest, tried: readonly number[], nowMs: number): ChoiceResult;
  /** A request is on its way there; ended exactly once for each. */
  started(index: number, nowMs: number): void;
  /**
   * It counts there, and no outcome is waited for; ended as well. A gateway went there by itself with a request that was on its way
   * elsewhere, or the endpoint works for it in another role.
   */
  moved(index: number): void;
  ended(index: number): void;
  /** A pool's endpoint has made a response, and keeps it. */
  madeResponse?(index: number, id: string, nowMs: number): void;
  /** It has said that it does not have the model of a request. */
  lacks(index: number, footprint: Footprint, nowMs: number): void;
  /** What was seen of it: for its health, and for what it has now. @param footprint of the request, as it was picked */
  observed(index: number, outcome: TryOutcome, footprint: Footprint | undefined, nowMs: number): void;
}

import type { Overflow } from '../../limits/index.ts';
import type { Footprint } from '../../picker/index.ts';
import type { Action } from '../action.ts';
import type { Asker } from '../asker.ts';
import type { Decision } from '../decision.ts';
import type { ChoiceRequest, Picked } from '../endpoint/endpoint-choice.ts';
import type { LocalReply } from '../local-reply.ts';
import type { Target } from '../request-target.ts';
import type { Reservation } from '../reservation.ts';
import type { StepParts } from '../step-parts.ts';

/** A request as its steps see it. */
export interface StepRequest {
  readonly parts: StepParts;
  readonly asker: Asker;
  readonly target: Target;
  /** As it is so far; a step that writes it is given it. */
  readonly decision: Decision;
  /** What it holds: its permit, and its place at an endpoint. */
  readonly held: Reservation;
  /** What follows its head is another protocol's, and it has a body. */
  readonly upgradesWithBody: boolean;
  /** An external picker has answered, or failed. */
  readonly answeredElsewhere: boolean;
  /** A gateway allows only these endpoints. */
  readonly subset: readonly string[] | undefined;
  /** Endpoints that it was sent to, the last included; undefined: it is sent once. */
  readonly tried: number[] | undefined;
  /** What its endpoint is chosen by. */
  asks: ChoiceRequest;
  /** The endpoint that was chosen, until it counts there. */
  chosen: Picked | undefined;
  /** Of the endpoint that it goes to. */
  footprint: Footprint | undefined;
  index: number;
  fallbacks: readonly number[];
  /** The body that is sent in place of the client's. */
  rewritten: readonly Buffer[] | undefined;
  /** How long it waits at the most, of what waits. */
  waitMs: number;
  /** An answer that no endpoint is asked for. */
  declines(reply: LocalReply, reason: string): Action;
  /** The same, with a verdict of its own. */
  refuse(verdict: Decision['verdict'], reply: LocalReply, reason: string): Action;
  /** A limit has no room for it. */
  overflow(overflow: Overflow): Action;
  /** What it waits for is there: the step is asked again. */
  goesOn(): void;
}

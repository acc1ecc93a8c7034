import { keptText } from '../kernel/index.ts';
import type { LimitName } from '../limits/index.ts';
import type { Footprint } from '../picker/index.ts';
import type { HeaderMutation } from '../plan/index.ts';
import type { Action } from './action.ts';
import { bodyRefusal, noRoomFor } from './body-bounds.ts';
import { type ChoiceRequest, NO_CHOICE, type Picked, type TryOutcome } from './endpoint/endpoint-choice.ts';
import { DEFAULT_ROLE, type Role } from './endpoint/role.ts';
import type { PickOutcome } from './external-picker/pick-answer.ts';
import { LifeRecord } from './life-record.ts';
import { unplacedReply } from './replies.ts';
import type { Target } from './request-target.ts';
import { Reservation } from './reservation.ts';
import { admitted } from './steps/permit-step.ts';
import type { Step } from './steps/step.ts';
import type { StepRequest } from './steps/step-request.ts';

const NONE: readonly never[] = [];

/**
 * One request, from its head to its end, the same on both planes: a plane tells it what comes, and does what it says. It reads no clock
 * and no socket. What is decided about it are the steps of `steps/`, in their order. What it holds it gives back once, on every path,
 * and its decision is written in this room alone.
 *
 *     begin ──▶ read / decide ──▶ ask ──▶ send ──▶ what the plane sees of its answer ──▶ ended
 *       └─────────────┴────────────┴───────┴──▶ reply ─────────────────────────────────────┘
 *     begin and decide may say `wait`: they are called once more, with what is there then, when the asker is told that it goes on.
 */
export class RequestLife extends LifeRecord implements StepRequest {
  /** In its target, of the endpoint that it goes to, which has the role {@link DEFAULT_ROLE}; -1: none yet. */
  index = -1;
  /** Those that a gateway may go on to by itself. */
  fallbacks: readonly number[] = NONE;
  /** The body that is sent in place of the client's. */
  rewritten: readonly Buffer[] | undefined;
  /** To the headers that are sent, by an external picker. */
  changes: HeaderMutation | undefined;
  /** A gateway allows only these endpoints. */
  subset: readonly string[] | undefined;
  /** How long it waits at the most, of what waits. */
  waitMs = 0;

  // For its steps, which nobody else writes.

  /** What follows its head is another protocol's, and it has a body. */
  upgradesWithBody = false;
  /** An external picker has answered, or failed. */
  answeredElsewhere = false;
  /** What its endpoint is chosen by. */
  asks: ChoiceRequest = NO_CHOICE;
  /** The endpoint that was chosen, until it counts there. */
  chosen: Picked | undefined;
  footprint: Footprint | undefined;
  /** Endpoints that it was sent to, the last included; undefined: it is sent once. */
  tried: number[] | undefined;
  readonly held = new Reservation();
  protected aim: Target | undefined;
  /** The next step, of those by the head or by the body. */
  #next = 0;
  /** The step that it waits at. */
  #waitsAt: Step | undefined;

  get target(): Target {
    return this.aim as Target;
  }

  /** It is known where it may go. */
  routed(target: Target): void {
    this.aim = target;
    if (target.name !== undefined) this.draft.cluster = target.name;
    const { pool } = target.choice;
    if (pool !== undefined) this.draft.pool = pool.name;
  }

  /**
   * What is done for its head; what costs least refuses first.
   * @param knownBytes its body has at least
   * @param toComeBytes of these
   * @param upToBytes its body is read whole, if it is no larger; undefined: it is not read
   */
  begin(
    upgradesWithBody: boolean,
    knownBytes: number,
    toComeBytes: number,
    upToBytes: number | undefined,
    nowMs: number,
  ): Action {
    this.upgradesWithBody = upgradesWithBody;
    const action = this.#run(this.parts.steps.head, undefined, nowMs);
    if (action !== undefined) return action;
    this.#next = 0;
    return this.bodyIs(knownBytes, toComeBytes, upToBytes);
  }

  /** More is known of its body. */
  bodyIs(knownBytes: number, toComeBytes: number, upToBytes: number | undefined): Action {
    if (upToBytes === undefined) return 'decide';
    const refusal = bodyRefusal(this.parts.bodies, knownBytes, toComeBytes, upToBytes);
    return refusal === undefined ? 'read' : this.declines(refusal.reply, refusal.reason);
  }

  /** There is no room for more of its body. */
  starves(): Action {
    const { reply, reason } = noRoomFor(this.parts.bodies);
    return this.declines(reply, reason);
  }

  /** Where it goes. @param body all of it; undefined: it is not read */
  decide(body: Buffer | undefined, nowMs: number): Action {
    return this.#run(this.parts.steps.body, body, nowMs) as Action;
  }

  /** What a step has waited for is there: the plane asks again. */
  goesOn(): void {
    if (!this.over && this.#waitsAt !== undefined) this.asker.goesOn();
  }

  /** What an external picker says; its failure is the pool's failureMode's. */
  pickedElsewhere(outcome: PickOutcome, nowMs: number): Action {
    this.answeredElsewhere = true;
    switch (outcome.kind) {
      case 'placed':
        this.draft.reason = 'placed by the external picker';
        this.asks = { ...NO_CHOICE, placed: outcome.indexes };
        this.changes = outcome.headers;
        if (outcome.body !== undefined) this.rewritten = [outcome.body];
        return this.place(nowMs);
      case 'replied':
        return this.declines(outcome.reply, 'answered by the external picker');
      case 'failed': {
        const reason = keptText(`the external picker failed: ${outcome.failure}: ${outcome.detail}`);
        this.draft.reason = reason;
        if (this.aim?.choice.pool?.failureMode === 'FailOpen') return 'decide';
        return this.refuse('none', unplacedReply(outcome.failure), reason);
      }
    }
  }

  /** In its target, of the endpoint that has a role for it; -1: none has. */
  indexOf(role: Role): number {
    return role === DEFAULT_ROLE ? this.index : this.held.besideIndex(role);
  }

  /** It is for a model that its endpoint may not have. */
  get namesModel(): boolean {
    return this.footprint !== undefined && this.footprint.model !== 0;
  }

  /** Takes its permit, when a connection is there for it. @returns false: {@link reply} says why not */
  admit(nowMs: number): boolean {
    return this.held.permit !== undefined || admitted(this, this.draft, nowMs) === undefined;
  }

  /** Another limit refuses it. */
  refused(limit: LimitName): Action {
    const { scope } = this.aim as Target;
    return scope === undefined ? 'reply' : this.overflow(this.parts.limits.refuse(scope, limit));
  }

  /** Its prompt is needed no more, however long its answer takes. */
  forgetsPrompt(): void {
    if (this.asks.prompt !== undefined) this.asks.prompt = undefined;
  }

  /** Its endpoint has made a response. */
  madeResponse(id: string, nowMs: number): void {
    this.aim?.choice.madeResponse?.(this.index, id, nowMs);
  }

  override ended(status: number | undefined, nowMs: number): void {
    if (this.over) return;
    try {
      this.#waitsAt?.leaves?.(this);
    } finally {
      try {
        this.held.leave();
      } finally {
        super.ended(status, nowMs);
      }
    }
  }

  /** No model server works for it any more, as far as can be known. */
  gone(nowMs: number): void {
    this.held.release(nowMs);
  }

  /** Its endpoint is chosen, once more where it is sent again. */
  protected place(nowMs: number): Action {
    this.#next = this.parts.steps.pickAt;
    return this.decide(undefined, nowMs);
  }

  protected observe(outcome: TryOutcome, nowMs: number): void {
    if (outcome.kind === 'cancelled' || this.index === -1) return;
    this.aim?.choice.observed(this.index, outcome, this.footprint, nowMs);
  }

  /** Its endpoint has said that it does not have the model: it is left out for it for a while. */
  protected noteAbsent(nowMs: number): void {
    if (this.footprint !== undefined) this.aim?.choice.lacks(this.index, this.footprint, nowMs);
  }

  /** The steps that are left, to the first that does not let it pass; undefined: all do. */
  #run(steps: readonly Step[], body: Buffer | undefined, nowMs: number): Action | undefined {
    this.#waitsAt = undefined;
    for (; this.#next < steps.length; this.#next++) {
      const step = steps[this.#next] as Step;
      const action = step.run(this, body, nowMs, this.draft);
      if (action === undefined) continue;
      if (action === 'wait') this.#waitsAt = step;
      return action;
    }
    return undefined;
  }
}

import { ASKED_NOTHING, asked, responseIdIn } from '../dialect/index.ts';
import { cutText, keptText } from '../kernel/index.ts';
import { type LimitName, Permit } from '../limits/index.ts';
import type { Footprint } from '../picker/index.ts';
import type { HeaderMutation, Pool } from '../plan/index.ts';
import { bodyRefusal, noRoomFor } from './body-bounds.ts';
import { type ChoiceRequest, NO_CHOICE, type TryOutcome } from './endpoint/endpoint-choice.ts';
import type { PickOutcome } from './external-picker/pick-answer.ts';
import { LifeRecord } from './life-record.ts';
import { readModelRequest } from './model-request.ts';
import { acquirePermit, sureOverflow } from './permit.ts';
import { readsBody } from './reads-body.ts';
import { badRequest, NO_HEALTHY_UPSTREAM, SHED_REPLY, UPGRADE_WITH_BODY, unplacedReply } from './replies.ts';
import { Reservation } from './reservation.ts';
import type { Step } from './step.ts';
import type { Target } from './target.ts';

const NONE: readonly never[] = [];
const UNREADABLE = 'the pool cannot do without the model, and the body could not be read';

/**
 * One request, from its head to its end, the same on both planes: a plane tells it what comes, and does what it says. It reads no clock
 * and no socket. What it holds it gives back once, on every path, and its decision is written here alone.
 *
 *     begin ──▶ read / decide ──▶ ask ──▶ send ──▶ what the plane sees of its answer ──▶ ended
 *       └─────────────┴────────────┴───────┴──▶ reply ─────────────────────────────────────┘
 */
export class RequestLife extends LifeRecord {
  /** In its target, of the endpoint that it goes to; -1: none yet. */
  index = -1;
  /** Those that a gateway may go on to by itself. */
  fallbacks: readonly number[] = NONE;
  /** The body that is sent in place of the client's. */
  rewritten: readonly Buffer[] | undefined;
  /** To the headers that are sent, by an external picker. */
  changes: HeaderMutation | undefined;
  /** A gateway allows only these endpoints. */
  subset: readonly string[] | undefined;
  protected readonly held = new Reservation();
  protected aim: Target | undefined;
  protected footprint: Footprint | undefined;
  /** Endpoints that it was sent to, the last included; undefined: it is sent once. */
  protected tried: number[] | undefined;
  #asked: ChoiceRequest = NO_CHOICE;
  /** An external picker has answered, or failed. */
  #answeredElsewhere = false;

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
  ): Step {
    const target = this.aim as Target;
    const { limits, permitAt } = this.parts;
    const overflow = sureOverflow(limits, target, permitAt, nowMs);
    if (overflow !== undefined) return this.overflow(overflow);
    // What follows an upgrade is no body: a request with one must not be placed without being read.
    if (upgradesWithBody && target.choice.pool !== undefined)
      return this.declines(badRequest(this.asker.target, UPGRADE_WITH_BODY), UPGRADE_WITH_BODY);
    return this.bodyIs(knownBytes, toComeBytes, upToBytes);
  }

  /** More is known of its body. */
  bodyIs(knownBytes: number, toComeBytes: number, upToBytes: number | undefined): Step {
    if (upToBytes === undefined) return 'decide';
    const refusal = bodyRefusal(this.parts.bodies, knownBytes, toComeBytes, upToBytes);
    return refusal === undefined ? 'read' : this.declines(refusal.reply, refusal.reason);
  }

  /** There is no room for more of its body. */
  starves(): Step {
    const { reply, reason } = noRoomFor(this.parts.bodies);
    return this.declines(reply, reason);
  }

  /** Where it goes. @param body all of it; undefined: it is not read */
  decide(body: Buffer | undefined, nowMs: number): Step {
    const target = this.aim as Target;
    const { choice, external } = target;
    if (external !== undefined && !this.#answeredElsewhere) return 'ask';
    if (choice.pool !== undefined) {
      // It may be kept to be sent again, or shown to others.
      const isRead = body !== undefined && readsBody(target, this.asker.target);
      const refused = this.#read(choice.pool, isRead ? body : undefined);
      if (refused !== undefined) return refused;
    }
    return this.place(nowMs);
  }

  /** What an external picker says; its failure is the pool's failureMode's. */
  pickedElsewhere(outcome: PickOutcome, nowMs: number): Step {
    this.#answeredElsewhere = true;
    switch (outcome.kind) {
      case 'placed':
        this.draft.reason = 'placed by the external picker';
        this.#asked = { ...NO_CHOICE, placed: outcome.indexes };
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

  /** It is for a model that its endpoint may not have. */
  get namesModel(): boolean {
    return this.footprint !== undefined && this.footprint.model !== 0;
  }

  /** Takes its permit, when a connection is there for it. @returns false: {@link reply} says why not */
  admit(nowMs: number): boolean {
    return this.held.permit !== undefined || this.#admitted(nowMs) === undefined;
  }

  /** Another limit refuses it. */
  refused(limit: LimitName): Step {
    const { scope } = this.aim as Target;
    return scope === undefined ? 'reply' : this.overflow(this.parts.limits.refuse(scope, limit));
  }

  /** Its prompt is needed no more, however long its answer takes. */
  forgetsPrompt(): void {
    if (this.#asked.prompt !== undefined) this.#asked.prompt = undefined;
  }

  /** Its endpoint has made a response. */
  madeResponse(id: string, nowMs: number): void {
    this.aim?.choice.madeResponse?.(this.index, id, nowMs);
  }

  override ended(status: number | undefined, nowMs: number): void {
    if (this.over) return;
    try {
      this.held.leave();
    } finally {
      super.ended(status, nowMs);
    }
  }

  /** No model server works for it any more, as far as can be known. */
  gone(nowMs: number): void {
    this.held.release(nowMs);
  }

  // Steps of its own

  /** Chooses an endpoint, and counts the request there. */
  protected place(nowMs: number): Step {
    const target = this.aim as Target;
    const { draft } = this;
    const chosen = target.choice.choose(this.#chosenBy, this.tried ?? NONE, nowMs);
    if (chosen.pick !== undefined) draft.pick = chosen.pick;
    if (chosen.candidates !== undefined) draft.candidates = chosen.candidates;
    if (chosen.runnerUp !== undefined) draft.runnerUp = chosen.runnerUp;
    if (chosen.kind !== 'picked') {
      const reply = chosen.kind === 'shed' ? SHED_REPLY : NO_HEALTHY_UPSTREAM;
      return this.refuse(chosen.kind, reply, chosen.reason);
    }
    if (this.parts.permitAt === 'pick') {
      const refused = this.#admitted(nowMs);
      if (refused !== undefined) return refused;
    }
    const { index } = chosen;
    draft.verdict = 'picked';
    draft.endpoint = target.choice.addresses[index]?.id ?? '';
    if (chosen.reason !== undefined) draft.reason = chosen.reason;
    this.index = index;
    this.fallbacks = chosen.fallbacks;
    this.footprint = chosen.footprint;
    this.tried?.push(index);
    this.held.enter(target, index, nowMs);
    return 'send';
  }

  protected observe(outcome: TryOutcome, nowMs: number): void {
    if (outcome.kind === 'cancelled' || this.index === -1) return;
    this.aim?.choice.observed(this.index, outcome, this.footprint, nowMs);
  }

  /** Its endpoint has said that it does not have the model: it is left out for it for a while. */
  protected noteAbsent(nowMs: number): void {
    if (this.footprint !== undefined) this.aim?.choice.lacks(this.index, this.footprint, nowMs);
  }

  get #chosenBy(): ChoiceRequest {
    return this.subset === undefined ? this.#asked : { ...this.#asked, subset: this.subset };
  }

  /** What its body asks for. */
  #read(pool: Pool, body: Buffer | undefined): Step | undefined {
    const { draft, parts, asker } = this;
    const objective = pool.objectives === undefined ? '' : asker.objective;
    const says = body === undefined ? ASKED_NOTHING : asked(body, asker);
    const read = readModelRequest(pool, says, parts.random(), objective);
    if ('invalid' in read) return this.declines(badRequest(asker.target, read.invalid), UNREADABLE);
    const { model, targetModel, criticality } = read;
    draft.criticality = criticality;
    if (body !== undefined && body.length > 0) {
      draft.model = cutText(model);
      draft.targetModel = targetModel === model ? draft.model : targetModel;
      if (targetModel !== model) this.rewritten = says.withModel(targetModel);
    }
    const about = asker.target.includes('/responses/') ? responseIdIn(pathOf(asker.target)) : '';
    this.#asked = about === '' ? read : { ...read, continues: about };
    return undefined;
  }

  /** @returns undefined where it has its permit, or nothing limits it */
  #admitted(nowMs: number): Step | undefined {
    const target = this.aim as Target;
    // It was lost while the body came.
    if (!target.ownership.grants(nowMs)) return this.refuse('none', NO_HEALTHY_UPSTREAM, NOT_HELD);
    const got = acquirePermit(this.parts.limits, target, nowMs);
    if (got === undefined) return undefined;
    if (!(got instanceof Permit)) return this.overflow(got);
    this.held.keep(got);
    this.draft.permit = { scope: got.scope.name, granted: true };
    return undefined;
  }
}

const NOT_HELD = 'the permits of the pool are not held here any more';

function pathOf(target: string): string {
  return target.split('?', 1)[0] as string;
}

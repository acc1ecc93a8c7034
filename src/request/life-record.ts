import { keptText, REQUEST_FAULT, toError } from '../kernel/index.ts';
import type { Overflow } from '../limits/index.ts';
import type { Action } from './action.ts';
import type { Asker } from './asker.ts';
import type { Decision } from './decision.ts';
import { type DecisionDraft, draftOf, noteOverflow } from './decision-draft.ts';
import { explainHeaders } from './explained-decision.ts';
import { type LocalReply, overflowReply } from './local-reply.ts';
import type { LifeParts } from './parts.ts';
import { FAULT_REPLY } from './replies.ts';

const NOTHING: readonly never[] = [];
const LEFT = 'the client left';
const MALFORMED = 'the body of the request is malformed';

/** What is said of one request: to its client in place of an answer, and in its decision, which nobody else writes. */
export class LifeRecord {
  /** See {@link Action}. */
  reply: LocalReply | undefined;
  readonly parts: LifeParts;
  readonly asker: Asker;
  /** Written by a life, and by the steps that it hands it to. */
  protected readonly draft: DecisionDraft;
  readonly #startedAtMs: number;
  #over = false;

  constructor(parts: LifeParts, asker: Asker, requestId: string, nowMs: number) {
    this.parts = parts;
    this.asker = asker;
    this.#startedAtMs = nowMs;
    this.draft = draftOf(requestId, parts.wallClock());
    parts.observers.began(this.draft);
  }

  get decision(): Decision {
    return this.draft;
  }

  /** Its observers were told: nothing that comes now changes anything. */
  get over(): boolean {
    return this.#over;
  }

  matched(route: string): void {
    this.draft.route = route;
  }

  asksFor(model: string): void {
    this.draft.model = keptText(model);
  }

  /** An answer that no endpoint was asked for. */
  declines(reply: LocalReply, reason: string): Action {
    return this.refuse('replied', reply, reason);
  }

  /**
   * Something of ours threw: this request pays for it, and nothing else does, the model server least of all.
   * @param begun its answer has; if not, the client is told {@link FAULT_REPLY}
   */
  faulted(thrown: unknown, begun: boolean): void {
    if (this.#over) return;
    this.draft.verdict = 'fault';
    this.draft.reason = `${REQUEST_FAULT}: ${toError(thrown).message}`;
    if (!begun) this.draft.status = FAULT_REPLY.status;
  }

  /** To be added to what the client is told: name, value, … */
  get explanation(): readonly string[] {
    const { explains, toOperator } = this.asker;
    return explains && toOperator ? explainHeaders(this.draft, this.parts.decisions) : NOTHING;
  }

  /** The client left before its answer was whole. */
  left(): void {
    if (this.#over) return;
    if (this.draft.verdict === 'pending') this.draft.verdict = 'cancelled';
    this.draft.reason ??= LEFT;
  }

  /** What came of its body is not of its protocol: no more of it is read. @param detail in words */
  malformed(detail: string): void {
    if (this.#over) return;
    if (this.draft.verdict === 'pending') this.draft.verdict = 'replied';
    this.draft.reason = keptText(`${MALFORMED}: ${detail}`);
  }

  /**
   * Every path ends here; the first time counts.
   * @param status what the client was told; 0: nothing; undefined: what is known already
   */
  ended(status: number | undefined, nowMs: number): void {
    if (this.#over) return;
    if (this.draft.verdict === 'pending') this.left();
    this.#over = true;
    if (status !== undefined) this.draft.status = status;
    this.draft.durationMs = Math.round(nowMs - this.#startedAtMs);
    this.parts.observers.ended(this.draft);
  }

  /** A limit has no room for it. */
  overflow(overflow: Overflow): Action {
    noteOverflow(this.draft, overflow);
    return this.says(overflowReply(overflow, this.asker.toOperator));
  }

  refuse(verdict: Decision['verdict'], reply: LocalReply, reason: string): Action {
    this.draft.verdict = verdict;
    this.draft.reason = reason;
    return this.says(reply);
  }

  says(reply: LocalReply): Action {
    this.reply = reply;
    this.draft.status = reply.status;
    return 'reply';
  }
}

import { ASKED_NOTHING, type Asked, asked } from '../../dialect/index.ts';
import { keptText } from '../../kernel/index.ts';
import { type Overflow, Permit } from '../../limits/index.ts';
import type { Footprint, PickRequest } from '../../picker/index.ts';
import { IDEMPOTENT_METHODS } from '../../plan/index.ts';
import {
  badRequest,
  type Decision,
  explainHeaders,
  type LocalReply,
  NO_HEALTHY_UPSTREAM,
  noRoomReply,
  overflowReply,
  readModelRequest,
  TOO_LARGE_REPLY,
  UPGRADE_WITH_BODY,
} from '../../request/index.ts';
import { type AbsentModel, absentModel } from './absent-model.ts';
import { admit, fullScope, refusal } from './admission.ts';
import type { Desk } from './desk.ts';
import { noteFault } from './fault.ts';
import { HeldBody } from './held-body.ts';
import { Hold } from './hold.ts';
import {
  type BodyModes,
  type BodyPart,
  DEFAULT_BODY_MODES,
  type PickerReply,
  type ProxyMessage,
  type RequestHeaders,
  type ResponseHeaders,
} from './message.ts';
import { newDecision, type Placed, pickEndpoint } from './pick.ts';
import { noteResponse } from './response.ts';
import { passBody, streamedBody } from './streamed-body.ts';
import type { Target } from './target.ts';

const NOTHING: readonly PickerReply[] = [];
const HEADERS_GO_ON: readonly PickerReply[] = [{ kind: 'continue', phase: 'request-headers' }];

/** Of a gateway that sends no head (request_header_mode SKIP). */
const NO_HEAD = { method: '', target: '', contentType: '', contentEncoding: '', objective: '' };

/** Where a request is: `reading` its body to know what it asks for; `passing` on what follows the pick. */
type State =
  | { readonly at: 'start' }
  | { readonly at: 'reading'; readonly body: HeldBody }
  | { readonly at: 'passing' }
  | { readonly at: 'over' };

/**
 * One request of a gateway: a stream of the endpoint picker protocol. It takes messages and gives answers, the time is passed in;
 * what it takes of limits and counts it gives back at {@link end}, once, whatever came before.
 *
 *     start ──headers──▶ reading ──end of body──▶ passing ──▶ over
 *       └──── headers, when the body is not needed ──▲    (an immediate response: over at once)
 */
export class PickStream {
  readonly #desk: Desk;
  readonly #target: Target;
  readonly #startedAtMs: number;
  #state: State = { at: 'start' };
  #modes: BodyModes = DEFAULT_BODY_MODES;
  #subset: readonly string[] | undefined;
  #explain = false;
  #operator = false;
  #head: Pick<RequestHeaders, 'method' | 'target' | 'contentType' | 'contentEncoding' | 'objective'> =
    NO_HEAD;
  #decision: Decision | undefined;
  /** Index in the pool of the endpoint that was picked. */
  #index = -1;
  #footprint: Footprint | undefined;
  #hold: Hold | undefined;
  #placed: Placed | undefined;
  #absent: AbsentModel | undefined;

  constructor(desk: Desk, target: Target, nowMs: number) {
    this.#desk = desk;
    this.#target = target;
    this.#startedAtMs = nowMs;
  }

  /** It waits for a pick that would be refused for want of a permit: a look, nothing is taken. */
  wouldOverflow(nowMs: number): boolean {
    const { at } = this.#state;
    if (at !== 'start' && at !== 'reading') return false;
    return fullScope(this.#desk.limits, this.#target, nowMs) !== undefined;
  }

  /** An external picker has chosen: the request goes there when its time comes. */
  place(placed: Placed): void {
    this.#placed = placed;
  }

  /** An external picker has refused the request, or failed. */
  refuse(reply: LocalReply, reason: string): readonly PickerReply[] {
    if (this.#decision === undefined) this.#decision = newDecision(this.#desk, this.#target, '');
    (this.#decision as Decision).reason = reason;
    return this.#decline(reply);
  }

  /** Something of ours threw: nothing more is answered. What it holds is given back at {@link end}, as always. */
  fault(thrown: unknown): void {
    if (this.#decision !== undefined && this.#state.at !== 'over') noteFault(this.#decision, thrown);
    if (this.#state.at === 'reading') this.#state.body.drop();
    this.#state = { at: 'over' };
  }

  get requestId(): string {
    return this.#decision?.requestId ?? '';
  }

  /** The endpoint that the request goes to. */
  get endpoint(): string {
    return this.#decision?.endpoint ?? '';
  }

  /** Answers, in the order in which they are to be sent; after an `immediate` one the stream is over. */
  receive(message: ProxyMessage, nowMs: number): readonly PickerReply[] {
    if (this.#state.at === 'over') return NOTHING;
    switch (message.kind) {
      case 'request-headers':
        return this.#state.at === 'start' ? this.#begin(message, nowMs) : HEADERS_GO_ON;
      case 'request-body':
        return this.#requestBody(message, nowMs);
      case 'request-trailers': {
        const goOn: PickerReply = { kind: 'continue', phase: 'request-trailers' };
        if (this.#state.at !== 'reading') return [goOn];
        // FULL_DUPLEX_STREAMED: trailers end the body (ext_proc.proto, BodySendMode).
        const replies = this.#decide(this.#state.body, false, nowMs);
        return replies[0]?.kind === 'immediate' ? replies : [...replies, goOn];
      }
      case 'response-headers':
        return [this.#responseHeaders(message, nowMs)];
      case 'response-body':
        if (this.#absent?.push(message) === true) this.#lacks(this.#absent.footprint, nowMs);
        return passBody(message, this.#modes.response === 'FULL_DUPLEX_STREAMED');
      case 'response-trailers':
        return [{ kind: 'continue', phase: 'response-trailers' }];
      case 'malformed':
        return NOTHING;
    }
  }

  /** The stream has ended, however it did: all is given back. */
  end(nowMs: number): void {
    if (this.#state.at === 'reading') this.#state.body.drop();
    this.#state = { at: 'over' };
    const hold = this.#hold;
    const decision = this.#decision;
    this.#hold = undefined;
    this.#decision = undefined;
    hold?.release(nowMs);
    if (decision === undefined) return;
    if (decision.verdict === 'pending') {
      decision.verdict = 'cancelled';
      decision.reason ??= 'the client left';
    }
    decision.durationMs = Math.round(nowMs - this.#startedAtMs);
    this.#desk.ended(decision);
  }

  #begin(message: RequestHeaders, nowMs: number): readonly PickerReply[] {
    this.#modes = message.modes ?? DEFAULT_BODY_MODES;
    this.#subset = message.subset;
    const { operators } = this.#desk;
    this.#operator = operators === 'everybody' || (operators === 'marked' && message.operator);
    this.#explain = this.#operator && message.explain;
    this.#head = message;
    this.#decision = newDecision(this.#desk, this.#target, message.requestId);
    // Shed before the body is read, when it is sure to be refused.
    const overflow = refusal(this.#desk.limits, this.#target, nowMs);
    if (overflow !== undefined) return this.#overflow(overflow);
    // What follows an upgrade is no body: a request with one must not be placed without being read.
    if (message.upgrade && (message.method !== 'GET' || message.contentLength > 0))
      return this.#decline(badRequest(message.target, UPGRADE_WITH_BODY));
    const mode = this.#modes.request;
    const bodyComes = !message.endOfStream && mode !== 'NONE';
    // STREAMED: the head goes on before the body comes, with the pick or without.
    if (!bodyComes || mode === 'STREAMED' || mode === 'GRPC' || !this.#target.needsBody)
      return this.#pickWithoutBody('request-headers', nowMs);
    if (message.contentLength > this.#desk.bounds.maxBodyBytes) return this.#decline(TOO_LARGE_REPLY);
    if (!this.#desk.bodies.hasRoom(Math.max(0, message.contentLength)))
      return this.#decline(noRoomReply(this.#desk.bodies));
    this.#read();
    return mode === 'FULL_DUPLEX_STREAMED' ? NOTHING : HEADERS_GO_ON;
  }

  #read(): HeldBody {
    const body = new HeldBody(this.#desk.bodies, this.#desk.bounds.maxBodyBytes);
    this.#state = { at: 'reading', body };
    return body;
  }

  #requestBody(message: BodyPart<'request-body'>, nowMs: number): readonly PickerReply[] {
    const mode = this.#modes.request;
    if (this.#state.at === 'passing') return passBody(message, mode === 'FULL_DUPLEX_STREAMED');
    // request_header_mode SKIP: the body is the first that is seen.
    if (this.#state.at === 'start') this.#decision = newDecision(this.#desk, this.#target, '');
    const body = this.#state.at === 'reading' ? this.#state.body : this.#read();
    const problem = body.push(message.body);
    if (problem !== undefined) return this.#decline(problem);
    if (message.endOfStream || mode === 'BUFFERED') return this.#decide(body, true, nowMs);
    if (mode !== 'BUFFERED_PARTIAL') return NOTHING;
    // What did not fit in the gateway's buffer is passed on unseen: nothing can be said of such a body.
    body.drop();
    return this.#pickWithoutBody('request-body', nowMs);
  }

  /** @param last the body's end is the request's: no trailers follow */
  #decide(held: HeldBody, last: boolean, nowMs: number): readonly PickerReply[] {
    const body = held.take();
    if (this.#placed !== undefined) return this.#goPlaced(this.#placed, 'request-body', body, nowMs);
    const says = asked(body, this.#head);
    const read = this.#asks(says);
    if ('invalid' in read) return this.#decline(badRequest(this.#head.target, read.invalid));
    const { model, targetModel, prompt, criticality } = read;
    const decision = this.#decision as Decision;
    decision.model = keptText(model);
    decision.targetModel = targetModel === model ? decision.model : targetModel;
    decision.criticality = criticality;
    const destination = this.#pick({ model: targetModel, criticality, prompt }, nowMs);
    if (typeof destination !== 'string') return destination;
    const rewritten = targetModel !== model;
    const sent = rewritten ? Buffer.concat(says.withModel(targetModel)) : body;
    const length = rewritten ? { contentLength: sent.length } : {};
    if (this.#modes.request === 'FULL_DUPLEX_STREAMED')
      return [
        { ...this.#picked('request-headers', destination), ...length },
        ...streamedBody('request-body', sent, last),
      ];
    return [
      { ...this.#picked('request-body', destination), ...length, ...(rewritten ? { body: sent } : {}) },
    ];
  }

  #asks(says: Asked) {
    return readModelRequest(this.#target.rows.pool, says, this.#desk.random(), this.#head.objective);
  }

  #goPlaced(
    { indexes, headers, body: replaced }: Placed,
    phase: 'request-headers' | 'request-body',
    body: Buffer | undefined,
    nowMs: number,
  ): readonly PickerReply[] {
    const { endpoints } = this.#target.rows;
    const refused = this.#admitTo(indexes[0] as number, nowMs);
    if (refused !== undefined) return refused;
    (this.#decision as Decision).reason = 'placed by the external picker';
    const destination = indexes.map(index => endpoints[index]).join(',');
    const rewritten =
      body === undefined || replaced === undefined ? {} : { body: replaced, contentLength: replaced.length };
    return [{ ...this.#picked(phase, destination), changes: headers, ...rewritten }];
  }

  #pickWithoutBody(phase: 'request-headers' | 'request-body', nowMs: number): readonly PickerReply[] {
    if (this.#placed !== undefined) return this.#goPlaced(this.#placed, phase, undefined, nowMs);
    const read = this.#asks(ASKED_NOTHING);
    if ('invalid' in read) return this.#decline(badRequest(this.#head.target, read.invalid));
    const { model, criticality, prompt } = read;
    (this.#decision as Decision).criticality = criticality;
    const destination = this.#pick({ model, criticality, prompt }, nowMs);
    return typeof destination === 'string' ? [this.#picked(phase, destination)] : destination;
  }

  #picked(phase: 'request-headers' | 'request-body', destination: string) {
    const { clearRouteCache } = this.#desk;
    const repeatable = clearRouteCache && IDEMPOTENT_METHODS.has(this.#head.method);
    return { kind: 'picked', phase, destination, clearRouteCache, repeatable } as const;
  }

  /** @returns the endpoints to go to, or the refusal */
  #pick(request: PickRequest, nowMs: number): string | readonly PickerReply[] {
    const decision = this.#decision as Decision;
    const picked = pickEndpoint(this.#desk, this.#target, this.#subset, request, decision, nowMs);
    if (picked.kind === 'none') return this.#immediate(picked.reply);
    this.#footprint = picked.footprint;
    return this.#admitTo(picked.index, nowMs) ?? picked.destination;
  }

  /** Takes the permit, and counts the request at its endpoint. @returns the refusal, where there is no permit */
  #admitTo(index: number, nowMs: number): readonly PickerReply[] | undefined {
    const { limits, picker } = this.#desk;
    const { rows, breaker, tenure } = this.#target;
    // They were lost while the body came.
    if (!tenure.grants(nowMs)) return this.#decline(NO_HEALTHY_UPSTREAM);
    const permit = admit(limits, this.#target, nowMs);
    if (permit !== undefined && !(permit instanceof Permit)) return this.#overflow(permit);
    this.#index = index;
    this.#hold = new Hold(permit, picker, tenure.requests, rows.slots[index] as number, nowMs);
    breaker.sent(index, nowMs);
    this.#state = { at: 'passing' };
    const decision = this.#decision as Decision;
    decision.verdict = 'picked';
    decision.endpoint = rows.endpoints[index] as string;
    if (permit !== undefined) decision.permit = { scope: permit.scope.name, granted: true };
    return undefined;
  }

  #responseHeaders(message: ResponseHeaders, nowMs: number): PickerReply {
    const decision = this.#decision;
    if (decision === undefined || this.#index === -1) return { kind: 'continue', phase: 'response-headers' };
    const sent = {
      decision,
      index: this.#index,
      hold: this.#hold,
      operator: this.#operator,
      footprint: this.#footprint,
    };
    const { index, set } = noteResponse(this.#desk, this.#target, sent, message, nowMs);
    this.#index = index;
    const more = this.#explain ? [...set, ...explainHeaders(decision, this.#desk.decisions)] : set;
    this.#absent = absentModel(message, this.#footprint);
    // Our own Envoy sends no bodies of answers unless it is told to; others do, or not.
    if (this.#absent !== undefined && this.#desk.clearRouteCache)
      return { kind: 'response-headers', set: more, showBody: true };
    return more.length === 0
      ? { kind: 'continue', phase: 'response-headers' }
      : { kind: 'response-headers', set: more };
  }

  /** The endpoint has said that it does not have the model: it is left out for it for a while. */
  #lacks(footprint: Footprint, nowMs: number): void {
    this.#desk.picker.lacks(this.#target.rows.slots[this.#index] as number, footprint, nowMs);
    if (this.#decision !== undefined) this.#decision.reason = 'the endpoint does not have the model';
  }

  #overflow(overflow: Overflow): readonly PickerReply[] {
    const { scope, limit, inUse, max } = overflow;
    const decision = this.#decision as Decision;
    decision.verdict = 'overflow';
    decision.permit = { scope, granted: false, limit, inUse, max };
    return this.#immediate(overflowReply(overflow, this.#operator));
  }

  /** An answer that no endpoint was asked for. */
  #decline(reply: LocalReply): readonly PickerReply[] {
    (this.#decision as Decision).verdict = 'replied';
    return this.#immediate(reply);
  }

  #immediate(reply: LocalReply): readonly PickerReply[] {
    if (this.#state.at === 'reading') this.#state.body.drop();
    this.#state = { at: 'over' };
    const decision = this.#decision as Decision;
    decision.status = reply.status;
    const extra = this.#explain ? explainHeaders(decision, this.#desk.decisions) : [];
    return [{ kind: 'immediate', reply, extra }];
  }
}

import type { ResponseIdReader } from '../../dialect/index.ts';
import { IDEMPOTENT_METHODS } from '../../plan/index.ts';
import {
  type Asker,
  fullScope,
  GatewayLife,
  type LocalReply,
  type PickOutcome,
  type Step,
} from '../../request/index.ts';
import { type AbsentModel, absentModel } from './absent-model.ts';
import type { Desk } from './desk.ts';
import { HeldBody } from './held-body.ts';
import { madeResponse } from './made-response.ts';
import {
  type BodyModes,
  type BodyPart,
  DEFAULT_BODY_MODES,
  type PickerReply,
  type ProxyMessage,
  type RequestHeaders,
  type ResponseHeaders,
} from './message.ts';
import { noteResponse } from './response.ts';
import { passBody, streamedBody } from './streamed-body.ts';
import type { PoolTarget } from './target.ts';

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

type PickPhase = 'request-headers' | 'request-body';

/**
 * One request of a gateway: a stream of the endpoint picker protocol. It takes messages and gives answers, the time is passed in. What
 * it is answered is decided by its {@link GatewayLife}; this is how a gateway is told so.
 *
 *     start ──headers──▶ reading ──end of body──▶ passing ──▶ over
 *       └──── headers, when the body is not needed ──▲    (an immediate response: over at once)
 */
export class PickStream implements Asker {
  toOperator = false;
  explains = false;
  readonly #desk: Desk;
  readonly #target: PoolTarget;
  readonly #startedAtMs: number;
  #state: State = { at: 'start' };
  #modes: BodyModes = DEFAULT_BODY_MODES;
  #head: Pick<RequestHeaders, 'method' | 'target' | 'contentType' | 'contentEncoding' | 'objective'> =
    NO_HEAD;
  #life: GatewayLife | undefined;
  #absent: AbsentModel | undefined;
  #made: ResponseIdReader | undefined;
  /** An external picker has chosen: the request goes there when its time comes. */
  #placed: PickOutcome | undefined;

  constructor(desk: Desk, target: PoolTarget, nowMs: number) {
    this.#desk = desk;
    this.#target = target;
    this.#startedAtMs = nowMs;
  }

  get target(): string {
    return this.#head.target;
  }

  get contentType(): string {
    return this.#head.contentType;
  }

  get contentEncoding(): string {
    return this.#head.contentEncoding;
  }

  get objective(): string {
    return this.#head.objective;
  }

  /** It waits for a pick that would be refused for want of a permit: a look, nothing is taken. */
  wouldOverflow(nowMs: number): boolean {
    const { at } = this.#state;
    if (at !== 'start' && at !== 'reading') return false;
    return fullScope(this.#desk.limits, this.#target, this.#desk.permitAt, nowMs) !== undefined;
  }

  /** It has come; what its messages are answered may have to wait. */
  begins(message: ProxyMessage): void {
    if (this.#life === undefined && this.#state.at === 'start') this.#open(message);
  }

  /** What an external picker says: once, before the message that waited for it. */
  pickedElsewhere(outcome: PickOutcome, nowMs: number): readonly PickerReply[] {
    if (this.#state.at === 'over') return NOTHING;
    if (outcome.kind === 'placed') {
      this.#placed = outcome;
      return NOTHING;
    }
    const life = this.#life as GatewayLife;
    return life.pickedElsewhere(outcome, nowMs) === 'reply' ? this.#immediate(life) : NOTHING;
  }

  /** Something of ours threw: nothing more is answered. What it holds is given back at {@link end}, as always. */
  fault(thrown: unknown, responding: boolean): void {
    if (this.#state.at === 'reading') this.#state.body.drop();
    this.#state = { at: 'over' };
    this.#life?.faulted(thrown, responding);
  }

  get requestId(): string {
    return this.#life?.decision.requestId ?? '';
  }

  /** The endpoint that the request goes to. */
  get endpoint(): string {
    return this.#life?.decision.endpoint ?? '';
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
        const replies = this.#decide('request-body', this.#state.body.take(), false, nowMs);
        return replies[0]?.kind === 'immediate' ? replies : [...replies, goOn];
      }
      case 'response-headers':
        return [this.#responseHeaders(message, nowMs)];
      case 'response-body':
        this.#look(message, nowMs);
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
    this.#life?.ended(undefined, nowMs);
  }

  /** @param message the first that is seen of the request */
  #open(message: ProxyMessage): GatewayLife {
    let requestId = '';
    if (message.kind === 'request-headers') {
      const { operators } = this.#desk;
      this.toOperator = operators === 'everybody' || (operators === 'marked' && message.operator);
      this.explains = message.explain;
      this.#head = message;
      requestId = message.requestId;
    }
    const life = new GatewayLife(
      this.#desk,
      this,
      requestId === '' ? this.#desk.newRequestId() : requestId,
      this.#startedAtMs,
    );
    this.#life = life;
    life.routed(this.#target);
    if (message.kind === 'request-headers') life.subset = message.subset;
    return life;
  }

  #begin(message: RequestHeaders, nowMs: number): readonly PickerReply[] {
    const life = this.#life ?? this.#open(message);
    this.#modes = message.modes ?? DEFAULT_BODY_MODES;
    const { request: mode } = this.#modes;
    const { contentLength } = message;
    // STREAMED: the head goes on before the body comes, with the pick or without.
    const reads =
      this.#target.needsBody &&
      !message.endOfStream &&
      mode !== 'NONE' &&
      mode !== 'STREAMED' &&
      mode !== 'GRPC';
    const step = life.begin(
      message.upgrade && (message.method !== 'GET' || contentLength > 0),
      contentLength,
      Math.max(0, contentLength),
      reads ? this.#desk.bounds.maxBodyBytes : undefined,
      nowMs,
    );
    if (step === 'reply') return this.#immediate(life);
    if (step === 'decide') return this.#decide('request-headers', undefined, false, nowMs);
    this.#read();
    return mode === 'FULL_DUPLEX_STREAMED' ? NOTHING : HEADERS_GO_ON;
  }

  #read(): HeldBody {
    const body = new HeldBody(this.#desk.bodies);
    this.#state = { at: 'reading', body };
    return body;
  }

  #requestBody(message: BodyPart<'request-body'>, nowMs: number): readonly PickerReply[] {
    const mode = this.#modes.request;
    if (this.#state.at === 'passing') return passBody(message, mode === 'FULL_DUPLEX_STREAMED');
    // request_header_mode SKIP: the body is the first that is seen.
    const life = this.#life ?? this.#open(message);
    const body = this.#state.at === 'reading' ? this.#state.body : this.#read();
    const { maxBodyBytes } = this.#desk.bounds;
    const grown = life.bodyIs(body.length + message.body.length, 0, maxBodyBytes);
    if (grown === 'reply') return this.#immediate(life);
    if (!body.push(message.body)) {
      life.starves();
      return this.#immediate(life);
    }
    if (message.endOfStream || mode === 'BUFFERED')
      return this.#decide('request-body', body.take(), true, nowMs);
    if (mode !== 'BUFFERED_PARTIAL') return NOTHING;
    // What did not fit in the gateway's buffer is passed on unseen: nothing can be said of such a body.
    body.drop();
    return this.#decide('request-body', undefined, false, nowMs);
  }

  /**
   * @param body all of it; undefined: nothing is known of it
   * @param last the body's end is the request's: no trailers follow
   */
  #decide(phase: PickPhase, body: Buffer | undefined, last: boolean, nowMs: number): readonly PickerReply[] {
    const life = this.#life as GatewayLife;
    const step: Step =
      this.#placed === undefined ? life.decide(body, nowMs) : life.pickedElsewhere(this.#placed, nowMs);
    if (step === 'ask') throw new Error('the external picker was not asked before the pick');
    if (step !== 'send') return this.#immediate(life);
    this.#state = { at: 'passing' };
    const { clearRouteCache } = this.#desk;
    const rewritten = body === undefined || life.rewritten === undefined ? undefined : whole(life.rewritten);
    const duplex = body !== undefined && this.#modes.request === 'FULL_DUPLEX_STREAMED';
    const picked: PickerReply = {
      kind: 'picked',
      phase: duplex ? 'request-headers' : phase,
      destination: life.destination,
      clearRouteCache,
      repeatable: clearRouteCache && IDEMPOTENT_METHODS.has(this.#head.method),
      ...(life.changes === undefined ? {} : { changes: life.changes }),
      ...(rewritten === undefined ? {} : { contentLength: rewritten.length }),
      ...(rewritten === undefined || duplex ? {} : { body: rewritten }),
    };
    return duplex ? [picked, ...streamedBody('request-body', rewritten ?? body, last)] : [picked];
  }

  #responseHeaders(message: ResponseHeaders, nowMs: number): PickerReply {
    const life = this.#life;
    if (life === undefined || !life.placed) return { kind: 'continue', phase: 'response-headers' };
    const said = noteResponse(life, message, this.#target.timeouts, nowMs);
    const { explanation } = life;
    const set = explanation.length === 0 ? said : [...said, ...explanation];
    this.#absent = absentModel(message, life.namesModel);
    this.#made = madeResponse(message, this.#head);
    // Our own Envoy sends no bodies of answers unless it is told to; others do, or not.
    const looks = this.#absent !== undefined || this.#made !== undefined;
    if (looks && this.#desk.clearRouteCache) return { kind: 'response-headers', set, showBody: true };
    return set.length === 0
      ? { kind: 'continue', phase: 'response-headers' }
      : { kind: 'response-headers', set };
  }

  /** At the body of an answer, as it passes. */
  #look(message: BodyPart<'response-body'>, nowMs: number): void {
    if (this.#absent?.push(message) === true) this.#life?.lacksModel(nowMs);
    const id = this.#made?.push(message.body, message.endOfStream) ?? '';
    if (id !== '') this.#life?.madeResponse(id, nowMs);
  }

  #immediate({ reply, explanation }: GatewayLife): readonly PickerReply[] {
    if (this.#state.at === 'reading') this.#state.body.drop();
    this.#state = { at: 'over' };
    return [{ kind: 'immediate', reply: reply as LocalReply, extra: explanation }];
  }
}

function whole(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}

import type { ResponseIdReader } from '../../dialect/index.ts';
import {
  type Action,
  fullScope,
  GatewayLife,
  type LocalReply,
  type PickOutcome,
} from '../../request/index.ts';
import { type AbsentModel, absentModel } from './absent-model.ts';
import { GatewayAsker } from './gateway-asker.ts';
import { HeldBody } from './held-body.ts';
import { madeResponse } from './immediate-response.ts';
import {
  type BodyModes,
  type BodyPart,
  DEFAULT_BODY_MODES,
  type PickedReply,
  type PickerReply,
  type ProxyMessage,
  type RequestHeaders,
  type ResponseHeaders,
} from './message.ts';
import type { PickContext } from './pick-context.ts';
import { pickedReplies } from './picked-replies.ts';
import type { PoolTarget } from './pool-target.ts';
import { noteResponse } from './response.ts';
import { type GoesOn, OVER, PASSING, START, type State, type Waiting } from './stream-state.ts';
import { passBody } from './streamed-body.ts';

const NOTHING: readonly PickerReply[] = [];
const HEADERS_GO_ON: readonly PickerReply[] = [{ kind: 'continue', phase: 'request-headers' }];

/**
 * One request of a gateway: a stream of the endpoint picker protocol. It takes messages and gives answers, the time is passed in. What
 * it is answered is decided by its {@link GatewayLife}; this is how a gateway is told so.
 *
 *     start ──headers──▶ reading ──end of body──▶ passing ──▶ over
 *       └──── headers, when the body is not needed ──▲    (an immediate response: over at once)
 *     From start and from reading it may have to be waiting first, for a step or for the pool's own picker.
 */
export class PickStream extends GatewayAsker {
  readonly #context: PickContext;
  readonly #target: PoolTarget;
  readonly #startedAtMs: number;
  #state: State = START;
  #modes: BodyModes = DEFAULT_BODY_MODES;
  #life: GatewayLife | undefined;
  #absent: AbsentModel | undefined;
  #made: ResponseIdReader | undefined;
  readonly #onGoesOn: GoesOn | undefined;

  /** @param onGoesOn is told when what it waits for is there: {@link goOn} */
  constructor(context: PickContext, target: PoolTarget, nowMs: number, onGoesOn?: GoesOn) {
    super();
    this.#onGoesOn = onGoesOn;
    this.#context = context;
    this.#target = target;
    this.#startedAtMs = nowMs;
  }

  /** It waits for a pick that would be refused for want of a permit: a look, nothing is taken. */
  wouldOverflow(nowMs: number): boolean {
    const { at } = this.#state;
    if (at !== 'start' && at !== 'reading') return false;
    return fullScope(this.#context.limits, this.#target, this.#context.permitAt, nowMs) !== undefined;
  }

  goesOn(): void {
    this.#onGoesOn?.goesOn();
  }

  /** What comes is to be kept until that is there. */
  get waiting(): Waiting | undefined {
    return this.#state.at === 'waiting' ? this.#state : undefined;
  }

  /** What the step has waited for is there. */
  goOn(nowMs: number): readonly PickerReply[] {
    const state = this.#state;
    if (state.at !== 'waiting') return NOTHING;
    const { head, phase, body, tail } = state;
    if (head !== undefined) return this.#begin(head, nowMs);
    return this.#decide(phase, body, tail, nowMs);
  }

  /** What the pool's own picker says. */
  pickedElsewhere(outcome: PickOutcome, nowMs: number): readonly PickerReply[] {
    const state = this.#state;
    if (state.at !== 'waiting') return NOTHING;
    const action = (this.#life as GatewayLife).pickedElsewhere(outcome, nowMs);
    return this.#does(action, state.phase, state.body, state.tail, nowMs);
  }

  /** Something of ours threw: nothing more is answered. What it holds is given back at {@link end}, as always. */
  fault(thrown: unknown, responding: boolean): void {
    if (this.#state.at === 'reading') this.#state.body.drop();
    this.#state = OVER;
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
        return this.#decide('request-body', this.#state.body.take(), goOn, nowMs);
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
    this.#state = OVER;
    this.#life?.ended(undefined, nowMs);
  }

  /** @param message the first that is seen of the request */
  #open(message: ProxyMessage): GatewayLife {
    let requestId = '';
    if (message.kind === 'request-headers') {
      const { operators } = this.#context;
      this.toOperator = operators === 'everybody' || (operators === 'marked' && message.operator);
      this.explains = message.explain;
      this.head = message;
      requestId = message.requestId;
    }
    const life = new GatewayLife(
      this.#context,
      this,
      requestId === '' ? this.#context.newRequestId() : requestId,
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
    const action = life.begin(
      message.upgrade && (message.method !== 'GET' || contentLength > 0),
      contentLength,
      Math.max(0, contentLength),
      reads ? this.#context.bounds.maxBodyBytes : undefined,
      nowMs,
    );
    if (action === 'reply') return this.#immediate(life);
    if (action === 'wait') return this.#wait(action, message, 'request-headers', undefined, undefined);
    if (action === 'decide') return this.#decide('request-headers', undefined, undefined, nowMs);
    this.#read();
    return mode === 'FULL_DUPLEX_STREAMED' ? NOTHING : HEADERS_GO_ON;
  }

  #wait(
    what: 'wait' | 'ask',
    head: RequestHeaders | undefined,
    phase: PickedReply['phase'],
    body: Buffer | undefined,
    tail: PickerReply | undefined,
  ): readonly PickerReply[] {
    this.#state = { at: 'waiting', for: what, waitMs: this.#life?.waitMs ?? 0, head, phase, body, tail };
    return NOTHING;
  }

  #read(): HeldBody {
    const body = new HeldBody(this.#context.bodies);
    this.#state = { at: 'reading', body };
    return body;
  }

  #requestBody(message: BodyPart<'request-body'>, nowMs: number): readonly PickerReply[] {
    const mode = this.#modes.request;
    if (this.#state.at === 'passing') return passBody(message, mode === 'FULL_DUPLEX_STREAMED');
    // request_header_mode SKIP: the body is the first that is seen.
    const life = this.#life ?? this.#open(message);
    const body = this.#state.at === 'reading' ? this.#state.body : this.#read();
    const { maxBodyBytes } = this.#context.bounds;
    const grown = life.bodyIs(body.length + message.body.length, 0, maxBodyBytes);
    if (grown === 'reply') return this.#immediate(life);
    if (!body.push(message.body)) {
      life.starves();
      return this.#immediate(life);
    }
    if (message.endOfStream || mode === 'BUFFERED')
      return this.#decide('request-body', body.take(), undefined, nowMs);
    if (mode !== 'BUFFERED_PARTIAL') return NOTHING;
    // What did not fit in the gateway's buffer is passed on unseen: nothing can be said of such a body.
    body.drop();
    return this.#decide('request-body', undefined, undefined, nowMs);
  }

  /**
   * @param body all of it; undefined: nothing is known of it
   * @param tail what trailers that end the body are answered
   */
  #decide(
    phase: PickedReply['phase'],
    body: Buffer | undefined,
    tail: PickerReply | undefined,
    nowMs: number,
  ): readonly PickerReply[] {
    return this.#does((this.#life as GatewayLife).decide(body, nowMs), phase, body, tail, nowMs);
  }

  #does(
    action: Action,
    phase: PickedReply['phase'],
    body: Buffer | undefined,
    tail: PickerReply | undefined,
    nowMs: number,
  ): readonly PickerReply[] {
    const life = this.#life as GatewayLife;
    if (action === 'decide') return this.#decide(phase, body, tail, nowMs);
    if (action === 'ask' || action === 'wait') return this.#wait(action, undefined, phase, body, tail);
    if (action !== 'send') return this.#immediate(life);
    this.#state = PASSING;
    const duplex = this.#modes.request === 'FULL_DUPLEX_STREAMED';
    const { clearRouteCache } = this.#context;
    return pickedReplies(life, { phase, body, duplex, tail }, clearRouteCache, this.head.method);
  }

  #responseHeaders(message: ResponseHeaders, nowMs: number): PickerReply {
    const life = this.#life;
    if (life === undefined || !life.placed) return { kind: 'continue', phase: 'response-headers' };
    const said = noteResponse(life, message, this.#target.timeouts, nowMs);
    const { explanation } = life;
    const set = explanation.length === 0 ? said : [...said, ...explanation];
    this.#absent = absentModel(message, life.namesModel);
    this.#made = madeResponse(message, this.head);
    // Our own Envoy sends no bodies of answers unless it is told to; others do, or not.
    const looks = this.#absent !== undefined || this.#made !== undefined;
    if (looks && this.#context.clearRouteCache) return { kind: 'response-headers', set, showBody: true };
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
    this.#state = OVER;
    return [{ kind: 'immediate', reply: reply as LocalReply, extra: explanation }];
  }
}

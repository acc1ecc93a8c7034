import { monotonicMs, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import type { HeaderMutation } from '../../plan/index.ts';
import {
  CANCELLED,
  type LocalReply,
  resolve,
  responseMutations,
  SendingLife,
  streamIdle,
  type TimeLimit,
  uploadIdle,
} from '../../request/index.ts';
import type { BodyForm } from '../codec/body-form.ts';
import type { ClientStream } from '../codec/client-stream.ts';
import type { RequestBody } from '../codec/request-body.ts';
import type { RequestHead } from '../codec/request-head.ts';
import type { ResponseHead } from '../codec/response-head.ts';
import type { ServedRequest } from '../codec/served-request.ts';
import type { ServerTunnel } from '../codec/server-tunnel.ts';
import type { Forward, RequestContext } from '../request-context.ts';
import { Answer } from './answer.ts';
import { Asking } from './asking.ts';
import type { AttemptEvents } from './attempt-events.ts';
import { Attempts } from './attempts.ts';
import { Dispatch } from './dispatch.ts';
import type { Dispatched } from './dispatched.ts';
import { forgetModelHeaders, readModel } from './model-routing.ts';
import { MadeResponse } from './relayed-response.ts';
import { replyHeaders, sendFault, sendReply } from './reply.ts';

const NO_MUTATIONS: readonly HeaderMutation[] = [];

/** One request from its head to its response's last byte. */
export class Exchange extends Asking implements ServedRequest, AttemptEvents, Dispatched {
  readonly life: SendingLife;
  #mutations: readonly HeaderMutation[] = NO_MUTATIONS;
  #attempts: Attempts | undefined;
  #dispatch: Dispatch | undefined;
  /** Its route depends on the model that its body asks for, which is still to come. */
  #awaitsModel = false;
  #delay: Timer | undefined;
  /** Ends when no byte has come or gone for so long. */
  streamIdleMs: number;
  #answer: Answer | undefined;
  #made: MadeResponse | undefined;
  /** Its client's side is done with it. */
  #handedBack = false;
  #over = false;

  constructor(context: RequestContext, client: ClientStream, head: RequestHead, body: RequestBody) {
    super(context, client, head, body);
    this.streamIdleMs = context.bounds.streamIdleTimeoutMs;
    this.life = new SendingLife(context, this, this.requestId, monotonicMs());
  }

  /** Something of the response went to the client. */
  get responding(): boolean {
    return this.#answer !== undefined;
  }

  begin(): void {
    forgetModelHeaders(this.head, this.context.hosts.modelHeaders);
    // What is said after an upgrade is not the request's.
    this.#route(this.head.facts.upgrade === undefined);
  }

  #route(modelUnread: boolean): void {
    const resolution = resolve(this.context, this.head, this.client.scheme, modelUnread, this.context.random);
    if (resolution.kind === 'model-unread') {
      this.#readModel();
      return;
    }
    if (resolution.route !== undefined) {
      this.life.matched(resolution.route.name);
      this.#mutations = responseMutations(resolution);
    }
    if (resolution.kind === 'reply') {
      const { reply, reason, delayMs = 0 } = resolution;
      if (delayMs > 0) this.#delay = startTimerFor(this, delayMs, () => this.decline(reply, reason));
      else this.decline(reply, reason);
      return;
    }
    this.#forward(resolution);
  }

  #forward(forward: Forward): void {
    const { route, cluster } = forward;
    this.life.routed(cluster);
    const attempts = new Attempts(this.context, forward, this.life, this, this.client.framing);
    const dispatch = new Dispatch(this, forward, attempts);
    this.#attempts = attempts;
    this.#dispatch = dispatch;
    const { streamIdleMs } = route.timeouts;
    if (streamIdleMs !== undefined) this.streamIdleMs = streamIdleMs || Number.POSITIVE_INFINITY;
    dispatch.begin();
  }

  /** What is decided about it has waited for this. */
  override goesOn(): void {
    try {
      this.#dispatch?.goesOn();
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  /** The route is chosen as soon as the body has said the model. */
  #readModel(): void {
    const reading = readModel(this);
    if (reading === 'read') {
      this.#awaitsModel = false;
      this.#route(false);
    } else if (reading === 'refused') this.replies();
    else if (!this.#awaitsModel) {
      this.#awaitsModel = true;
      this.client.askForBody();
    }
  }

  /** More of the body has come. */
  bodyProgress(): void {
    if (this.#over) return;
    if (this.body.starved) this.#starved();
    else if (this.#awaitsModel) this.#readModel();
    else this.#dispatch?.progress();
  }

  /** There is no room for more of its body. */
  #starved(): void {
    const step = this.life.starves();
    this.#attempts?.end(CANCELLED);
    if (step === 'reply') this.replies();
    else this.#breakOff();
  }

  /** The client stopped in the middle of its body. */
  bodyTimeout(): void {
    this.timedOut(uploadIdle());
  }

  /** No byte has come or gone for too long. */
  streamTimeout(): void {
    this.timedOut(streamIdle(this.streamIdleMs));
  }

  malformed(status: number, detail: string): void {
    if (this.#over) return;
    this.life.malformed(detail);
    this.#finish(this.responding ? undefined : status);
  }

  clientGone(): void {
    if (this.#over) return;
    this.life.left();
    this.#finish(0);
  }

  clientDrained(): void {
    this.#attempts?.resume();
  }

  sent(): void {
    this.#dispatch?.passBody();
  }

  drained(): void {
    this.client.resumeBody();
  }

  response(head: ResponseHead, form: BodyForm): void {
    this.#dispatch?.answered();
    const answer = new Answer(this, this.#mutations, head, form);
    this.#answer = answer;
    const endpoint = this.life.decision.endpoint ?? '';
    const waits = this.#dispatch?.placement?.responded(head.status, head.headers, endpoint, changes => {
      if (this.#over) return;
      answer.open(changes);
      if (answer.ended) this.#done();
      else this.#attempts?.resume();
    });
    if (waits !== true) answer.open();
    if (this.life.decision.pool !== undefined)
      this.#made = MadeResponse.of(this.head, head, form, this.#attempts?.stream, id =>
        this.life.madeResponse(id, monotonicMs()),
      );
  }

  data(bytes: Buffer | undefined, end: boolean): void {
    if (this.#over || this.#answer === undefined) return;
    // Before the client can know of it.
    this.#made?.push(bytes, end);
    const flowing = this.#answer.push(bytes, end);
    if (!end) {
      if (!flowing) this.#attempts?.pause();
    } else if (!this.#answer.waits) this.#done();
  }

  flush(): void {
    if (!this.#over) this.#answer?.flush();
  }

  trailers(fields: readonly string[]): void {
    if (!this.#over) this.#answer?.trailers(fields);
  }

  upgraded(head: ResponseHead, tunnel: ServerTunnel): void {
    this.response(head, 'none');
    // What both sides say from now on is nobody's business.
    this.#answer?.open();
    this.flush();
    tunnel.whenClosed(this, () => this.#finish(101));
    this.client.tunnel(tunnel);
  }

  gaveUp(): void {
    this.replies();
  }

  brokeOff(): void {
    this.#breakOff({ message: 'The model server broke off its answer.', code: 502 });
  }

  /** Something of ours threw: this request pays for it, and nothing else does, the model server least of all. */
  fault(thrown: unknown): void {
    const { client, life } = this;
    this.context.faults.tell('a request', thrown, this.requestId);
    const begun = this.#handedBack || this.#answer?.begun === true;
    life.faulted(thrown, begun);
    client.closeWithAnswer();
    try {
      this.#finish(undefined);
    } catch (more) {
      this.context.faults.tell('the end of a request', more, this.requestId);
    }
    if (begun) client.reset();
    else {
      this.#handedBack = true;
      sendFault(client, this.requestId, this.head.method !== 'HEAD', this.context.wallClock());
    }
  }

  /** @param event for a client that reads events, where one may stand: why, and the status that it would have been */
  #breakOff(event?: { readonly message: string; readonly code: number }): void {
    if (event !== undefined)
      this.#answer?.breakOff(this.#attempts?.betweenEvents === true ? event : undefined);
    this.#finish(undefined);
    this.client.reset();
  }

  #done(): void {
    this.#finish(undefined);
    this.#handedBack = true;
    this.client.end();
  }

  timedOut(limit: TimeLimit): void {
    const step = this.life.timedOut(limit, monotonicMs());
    this.#attempts?.end(limit.outcome);
    if (step === 'reply') this.replies();
    else this.#breakOff({ message: `The gateway ended this answer: ${limit.reason}.`, code: 504 });
  }

  /** An answer that no endpoint was asked for. */
  decline(reply: LocalReply, reason: string): void {
    this.life.declines(reply, reason);
    this.replies();
  }

  replies(): void {
    if (this.#over) return;
    const { explanation } = this.life;
    const reply = this.life.reply as LocalReply;
    const body = Buffer.from(reply.body);
    const now = this.context.wallClock();
    const headers = replyHeaders(reply, body.length, this.requestId, explanation, this.#mutations, now);
    this.#finish(reply.status);
    this.#handedBack = true;
    sendReply(this.client, reply.status, headers, this.head.method === 'HEAD' ? undefined : body);
  }

  /** Every path ends here, once. */
  #finish(status: number | undefined): void {
    if (this.#over) return;
    this.#over = true;
    stopTimer(this.#delay);
    try {
      this.#attempts?.end(CANCELLED);
    } finally {
      this.#dispatch?.end();
      this.body.drop();
      this.life.ended(status, monotonicMs());
    }
  }
}

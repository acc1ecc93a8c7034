import { randomUUID } from 'node:crypto';
import { monotonicMs, REQUEST_FAULT, startTimerFor, toError } from '../../kernel/index.ts';
import { type HeaderMutation, isOperator } from '../../plan/index.ts';
import {
  type Decision,
  type LocalReply,
  maxStream,
  NO_ROOM,
  noRoomReply,
  requestTimeout,
  streamIdle,
  type TimeLimit,
  textReply,
} from '../../request/index.ts';
import type { RequestContext } from '../context.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import type { ResponseFraming } from '../upstream/try-events.ts';
import { Answer } from './answer.ts';
import type { AttemptEvents } from './attempt-events.ts';
import { Attempts } from './attempts.ts';
import type { ClientSide } from './client-side.ts';
import { Dispatch, type Dispatched } from './dispatch.ts';
import { explainHeader } from './explain-header.ts';
import { MadeResponse } from './made-response.ts';
import { forgetModelHeaders, readModel } from './model-routing.ts';
import { faultText, replyText } from './reply-text.ts';
import type { RequestBody } from './request-body.ts';
import { resolve, responseMutations } from './resolve.ts';

const NO_MUTATIONS: readonly HeaderMutation[] = [];

/** One request from its head to its response's last byte. */
export class Exchange implements AttemptEvents, Dispatched {
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly requestId = randomUUID();
  readonly context: RequestContext;
  readonly client: ClientSide;
  readonly #startedAtMs = monotonicMs();
  readonly decision: Decision;
  #mutations: readonly HeaderMutation[] = NO_MUTATIONS;
  #attempts: Attempts | undefined;
  #dispatch: Dispatch | undefined;
  /** Its route depends on the model that its body asks for, which is still to come. */
  #awaitsModel = false;
  #delay: NodeJS.Timeout | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #maxStream: NodeJS.Timeout | undefined;
  /** Ends when no byte has come or gone for so long. */
  streamIdleMs: number;
  #answer: Answer | undefined;
  #made: MadeResponse | undefined;
  /** An answer of ours was written. */
  #replied = false;
  #over = false;

  constructor(context: RequestContext, client: ClientSide, head: RequestHead, body: RequestBody) {
    this.context = context;
    this.client = client;
    this.head = head;
    this.body = body;
    this.streamIdleMs = context.bounds.streamIdleTimeoutMs;
    this.decision = {
      requestId: this.requestId,
      atMs: Date.now(),
      verdict: 'pending',
      candidates: [],
    };
    context.decisions.add(this.decision);
  }

  get toOperator(): boolean {
    return isOperator(this.context.hosts.server.operators, this.client.address);
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
    const resolution = resolve(this.context, this.head, this.client.scheme, modelUnread, Math.random);
    if (resolution.kind === 'model-unread') {
      this.#readModel();
      return;
    }
    if (resolution.route !== undefined) {
      this.decision.route = resolution.route.name;
      this.#mutations = responseMutations(resolution);
    }
    if (resolution.kind === 'reply') {
      const { reply, reason, delayMs = 0 } = resolution;
      if (delayMs > 0) this.#delay = startTimerFor(this, delayMs, () => this.decline(reply, reason));
      else this.decline(reply, reason);
      return;
    }
    const { route, cluster, delayMs } = resolution;
    this.decision.cluster = cluster.cluster.name;
    const attempts = new Attempts(this.context, resolution, this.decision, this);
    const dispatch = new Dispatch(this, resolution, attempts);
    this.#attempts = attempts;
    this.#dispatch = dispatch;
    const { requestMs, maxStreamMs, streamIdleMs } = route.timeouts;
    if (streamIdleMs !== undefined) this.streamIdleMs = streamIdleMs || Number.POSITIVE_INFINITY;
    if (maxStreamMs !== undefined && maxStreamMs > 0)
      this.#maxStream = startTimerFor(this, maxStreamMs, () => this.#timedOut(maxStream(maxStreamMs)));
    if (requestMs !== undefined && requestMs > 0)
      this.#timeout = startTimerFor(this, requestMs, () => this.#timedOut(requestTimeout(requestMs)));
    if (!dispatch.readsBody()) return;
    // Shed before the body is read, when it is sure to be refused.
    const refusal = attempts.refusal();
    if (refusal !== undefined) {
      this.reply(refusal);
      return;
    }
    this.#askForBody();
    if (delayMs > 0) {
      dispatch.hold();
      this.#delay = startTimerFor(this, delayMs, () => dispatch.release());
    } else dispatch.release();
  }

  #askForBody(): void {
    if (this.head.facts.expectContinue && !this.body.ended)
      this.client.write('HTTP/1.1 100 Continue\r\n\r\n');
  }

  /** The route is chosen as soon as the body has said the model. */
  #readModel(): void {
    const reading = readModel(this);
    if (reading === 'read') {
      this.#awaitsModel = false;
      this.#route(false);
    } else if (reading !== 'unread') this.decline(reading.reply, reading.reason);
    else if (!this.#awaitsModel) {
      this.#awaitsModel = true;
      this.#askForBody();
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
    this.#attempts?.end({ kind: 'cancelled' });
    if (this.responding) {
      this.#finish(this.decision.status ?? 0);
      this.client.breakOff();
    } else this.decline(noRoomReply(this.context.bodies), NO_ROOM);
  }

  /** The client stopped in the middle of its body. */
  bodyTimeout(): void {
    this.#attempts?.end({ kind: 'cancelled' });
    if (this.responding) {
      this.#finish(this.decision.status ?? 0);
      this.client.breakOff();
    } else this.reply(textReply(408, 'request timeout'));
  }

  /** No byte has come or gone for too long. */
  streamTimeout(): void {
    this.#timedOut(streamIdle(this.streamIdleMs));
  }

  clientGone(): void {
    if (this.#over) return;
    if (this.decision.verdict === 'pending') this.decision.verdict = 'cancelled';
    this.decision.reason ??= 'the client left';
    this.#finish(0);
  }

  clientDrained(): void {
    this.#attempts?.resume();
  }

  // AttemptEvents

  sent(): void {
    this.#dispatch?.passBody();
  }

  drained(): void {
    this.client.resumeBody();
  }

  response(head: ResponseHead, framing: ResponseFraming): void {
    this.decision.status = head.status;
    this.#dispatch?.answered();
    const answer = new Answer(
      {
        client: this.client,
        request: this.head,
        toOperator: this.toOperator,
        requestId: this.requestId,
        mutations: this.#mutations,
        decision: this.decision,
        decisions: this.context.decisions,
      },
      head,
      framing,
    );
    this.#answer = answer;
    const endpoint = this.decision.endpoint ?? '';
    const waits = this.#dispatch?.placement?.responded(head.status, head.headers, endpoint, changes => {
      if (this.#over) return;
      answer.open(changes);
      if (answer.ended) this.#answered();
      else this.#attempts?.resume();
    });
    if (waits !== true) answer.open();
    if (this.decision.pool !== undefined)
      this.#made = MadeResponse.of(this.head, head, framing, id => this.#attempts?.madeResponse(id));
  }

  data(bytes: Buffer | undefined, end: boolean): void {
    if (this.#over || this.#answer === undefined) return;
    // Before the client can know of it.
    this.#made?.push(bytes, end);
    const flowing = this.#answer.push(bytes, end);
    if (!end) {
      if (!flowing) this.#attempts?.pause();
    } else if (!this.#answer.waits) this.#answered();
  }

  flush(): void {
    if (!this.#over) this.#answer?.flush();
  }

  upgraded(head: ResponseHead, connection: UpstreamConnection, rest: Buffer | undefined): void {
    this.response(head, 'none');
    // What both sides say from now on is nobody's business.
    this.#answer?.open();
    this.flush();
    connection.socket.once('close', () => {
      try {
        this.#finish(101);
      } catch (thrown) {
        this.fault(thrown);
      }
    });
    this.client.tunnel(connection, rest);
  }

  gaveUp(reply: LocalReply): void {
    this.reply(reply);
  }

  brokeOff(): void {
    this.#breakOff('The model server broke off its answer.', 502);
  }

  /** Something of ours threw: this request pays for it, and nothing else does, the model server least of all. */
  fault(thrown: unknown): void {
    const { client, decision } = this;
    this.context.faults.tell('a request', thrown, this.requestId);
    const begun = this.#replied || this.#answer?.begun === true;
    if (!this.#over) {
      decision.verdict = 'fault';
      decision.reason = `${REQUEST_FAULT}: ${toError(thrown).message}`;
    }
    client.closeWithAnswer();
    try {
      this.#finish(begun ? (decision.status ?? 0) : 500);
    } catch (more) {
      this.context.faults.tell('the end of a request', more, this.requestId);
    }
    if (begun) client.breakOff();
    else {
      this.#replied = true;
      client.write(faultText(this.requestId, this.head.method !== 'HEAD', Date.now()));
      client.done();
    }
  }

  // Its own steps

  /** Tells a client that reads events why, where an event may stand. @param code the status that it would have been */
  #breakOff(message: string, code: number): void {
    this.#answer?.breakOff(this.#attempts?.betweenEvents === true ? { message, code } : undefined);
    this.#finish(this.decision.status ?? 0);
    this.client.breakOff();
  }

  #answered(): void {
    this.#finish(this.decision.status ?? 0);
    this.client.done();
  }

  #timedOut({ outcome, reply, reason }: TimeLimit): void {
    this.decision.reason = `timeout: ${reason}`;
    this.#attempts?.end(outcome);
    if (this.responding) this.#breakOff(`The gateway ended this answer: ${reason}.`, 504);
    else this.reply(reply);
  }

  /** An answer that no endpoint was asked for. */
  decline(reply: LocalReply, reason: string): void {
    this.decision.verdict = 'replied';
    this.decision.reason = reason;
    this.reply(reply);
  }

  reply(reply: LocalReply): void {
    if (this.#over) return;
    this.decision.status = reply.status;
    const text = replyText(reply, {
      requestId: this.requestId,
      extra: explainHeader(this.head.headers, this, this.context.decisions),
      mutations: this.#mutations,
      close: this.client.closing,
      withBody: this.head.method !== 'HEAD',
      nowMs: Date.now(),
    });
    this.#finish(reply.status);
    this.#replied = true;
    this.client.write(text);
    this.client.done();
  }

  /** Every path ends here, once. */
  #finish(status: number): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#delay);
    clearTimeout(this.#timeout);
    clearTimeout(this.#maxStream);
    try {
      this.#attempts?.end({ kind: 'cancelled' });
    } finally {
      this.decision.status = status;
      this.decision.durationMs = Math.round(monotonicMs() - this.#startedAtMs);
      this.context.counters.count(status, this.decision.durationMs);
      this.#dispatch?.end();
      this.body.drop();
    }
  }
}

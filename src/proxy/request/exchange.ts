import { randomUUID } from 'node:crypto';
import { type LocalReply, monotonicMs, textReply } from '../../limits/index.ts';
import type { Decision, Placement } from '../../picker/index.ts';
import type { HeaderMutation } from '../../plan/index.ts';
import type { RequestContext } from '../context.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import type { ResponseFraming } from '../upstream/upstream-try.ts';
import { Answer } from './answer.ts';
import { type AttemptEvents, Attempts } from './attempts.ts';
import { BodyBytes } from './body-bytes.ts';
import { bodyRule } from './body-rule.ts';
import { type Chosen, chosenElsewhere, chosenHere } from './chosen.ts';
import type { ClientSide } from './client-side.ts';
import { explainHeader } from './explain-header.ts';
import { saysLength, streamedFraming, withBody } from './first-write.ts';
import { failureReply, replyText } from './local-reply.ts';
import { sendMirrors } from './mirror.ts';
import { passBody } from './pass-body.ts';
import { placementHeaders } from './placement-headers.ts';
import type { RequestBody } from './request-body.ts';
import { type Forward, resolve, responseMutations } from './resolve.ts';
import { upstreamHead } from './upstream-head.ts';

const NO_MUTATIONS: readonly HeaderMutation[] = [];

/** One request from its head to its response's last byte. */
export class Exchange implements AttemptEvents {
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly requestId = randomUUID();
  readonly #context: RequestContext;
  readonly #client: ClientSide;
  readonly #startedAtMs = monotonicMs();
  readonly #decision: Decision;
  #forward: Forward | undefined;
  #mutations: readonly HeaderMutation[] = NO_MUTATIONS;
  #attempts: Attempts | undefined;
  /** The question to an external picker: none is asked twice. */
  #placement: Placement | undefined;
  #asked = false;
  /** The body is read whole before anything is sent, up to a limit; undefined: it is passed on as it comes. */
  #wholeUpTo: number | undefined;
  #delay: NodeJS.Timeout | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #answer: Answer | undefined;
  #over = false;

  constructor(context: RequestContext, client: ClientSide, head: RequestHead, body: RequestBody) {
    this.#context = context;
    this.#client = client;
    this.head = head;
    this.body = body;
    this.#decision = {
      requestId: this.requestId,
      atMs: Date.now(),
      verdict: 'pending',
      candidates: [],
    };
    context.decisions.add(this.#decision);
  }

  /** Something of the response went to the client. */
  get responding(): boolean {
    return this.#answer !== undefined;
  }

  begin(): void {
    const resolution = resolve(this.#context, this.head, this.#client.scheme, Math.random);
    if (resolution.route !== undefined) {
      this.#decision.route = resolution.route.name;
      this.#mutations = responseMutations(resolution);
    }
    if (resolution.kind === 'reply') {
      const { reply, reason, delayMs = 0 } = resolution;
      if (delayMs > 0) this.#delay = setTimeout(() => this.#decline(reply, reason), delayMs);
      else this.#decline(reply, reason);
      return;
    }
    this.#forward = resolution;
    const { route, cluster, delayMs } = resolution;
    this.#decision.cluster = cluster.cluster.name;
    this.#attempts = new Attempts(this.#context, resolution, this.#decision, this);
    const { requestMs } = route.timeouts;
    if (requestMs !== undefined && requestMs > 0)
      this.#timeout = setTimeout(() => this.#requestTimeout(), requestMs);
    if (!this.#readsBody(resolution)) return;
    // Shed before the body is read, when it is sure to be refused.
    const refusal = this.#attempts.refusal();
    if (refusal !== undefined) {
      this.#reply(refusal);
      return;
    }
    if (this.head.facts.expectContinue && !this.body.ended)
      this.#client.write('HTTP/1.1 100 Continue\r\n\r\n');
    if (delayMs > 0)
      this.#delay = setTimeout(() => {
        this.#delay = undefined;
        this.#sendWhenReady();
      }, delayMs);
    else this.#sendWhenReady();
  }

  /** More of the body has come. */
  bodyProgress(): void {
    if (this.#over) return;
    if (this.#attempts?.started === true) {
      this.#forwardBody();
      return;
    }
    const tooLong = this.#wholeUpTo !== undefined && this.body.length > this.#wholeUpTo;
    if (tooLong && !this.#readsBody(this.#forward as Forward)) return;
    this.#sendWhenReady();
    if (this.#wholeUpTo === undefined) this.#forwardBody();
  }

  /** The client stopped in the middle of its body. */
  bodyTimeout(): void {
    this.#attempts?.end({ kind: 'cancelled' });
    if (this.responding) {
      this.#finish(this.#decision.status ?? 0);
      this.#client.breakOff();
    } else this.#reply(textReply(408, 'request timeout'));
  }

  /** Nothing has come from the server for too long; the text is Envoy's. */
  streamTimeout(): void {
    this.#timedOut('the stream was idle', textReply(504, 'stream timeout'));
  }

  clientGone(): void {
    if (this.#over) return;
    if (this.#decision.verdict === 'pending') this.#decision.verdict = 'cancelled';
    this.#decision.reason ??= 'the client left';
    this.#finish(0);
  }

  clientDrained(): void {
    this.#attempts?.resume();
  }

  // AttemptEvents

  sent(): void {
    this.#forwardBody();
  }

  drained(): void {
    this.#client.resumeBody();
  }

  response(head: ResponseHead, framing: ResponseFraming): void {
    this.#decision.status = head.status;
    const answer = new Answer(
      {
        client: this.#client,
        request: this.head,
        requestId: this.requestId,
        mutations: this.#mutations,
        decision: this.#decision,
        decisions: this.#context.decisions,
        maxHeldEventBytes: this.#context.bounds.maxHeldEventBytes,
      },
      head,
      framing,
    );
    this.#answer = answer;
    const endpoint = this.#decision.endpoint ?? '';
    const waits = this.#placement?.responded(head.status, head.headers, endpoint, changes => {
      if (this.#over) return;
      answer.open(changes);
      if (answer.ended) this.#answered();
      else this.#attempts?.resume();
    });
    if (waits !== true) answer.open();
  }

  data(bytes: Buffer | undefined, end: boolean, boundary: number): void {
    if (this.#over || this.#answer === undefined) return;
    const flowing = this.#answer.push(bytes, end, boundary);
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
    connection.socket.once('close', () => this.#finish(101));
    this.#client.tunnel(connection, rest);
  }

  gaveUp(reply: LocalReply): void {
    this.#reply(reply);
  }

  brokeOff(): void {
    this.#answer?.breakOff('The model server broke off its answer.');
    this.#finish(this.#decision.status ?? 0);
    this.#client.breakOff();
  }

  // Its own steps

  #answered(): void {
    this.#finish(this.#decision.status ?? 0);
    this.#client.done();
  }

  /** @returns whether the body may be as large as it is known to be; if not, the request is answered */
  #readsBody(forward: Forward): boolean {
    const rule = bodyRule(forward, this.head, this.body, this.#context.bounds);
    this.#wholeUpTo = rule.wholeUpTo;
    if (rule.refused)
      this.#decline(textReply(413, 'Payload Too Large'), 'the body is larger than is allowed');
    return !rule.refused;
  }

  #sendWhenReady(): void {
    if (this.#over || this.#delay !== undefined || this.#asked || this.#attempts?.started === true) return;
    const whole = this.#wholeUpTo !== undefined;
    if (whole && !this.body.ended) return;
    const forward = this.#forward as Forward;
    const { pool } = forward.cluster.choice;
    const { external } = forward.cluster;
    const sent = whole ? new BodyBytes(this.body.peek()) : undefined;
    if (pool !== undefined) this.#decision.pool = pool.name;
    if (external === undefined) this.#go(sent, chosenHere(pool, sent, this.#decision));
    else {
      this.#asked = true;
      this.#placement = external.client.place({
        indexOf: external.indexOf,
        headers: placementHeaders(this, forward, this.#client.scheme),
        body: sent?.bytes,
        placed: outcome => {
          if (!this.#over) this.#go(sent, chosenElsewhere(outcome, pool, sent, this.#decision));
        },
      });
    }
  }

  /** @param sent the body as it came; undefined: it is passed on as it comes */
  #go(sent: BodyBytes | undefined, chosen: Chosen): void {
    switch (chosen.kind) {
      case 'send':
        this.#send(sent, chosen);
        return;
      case 'declined':
        this.#decline(chosen.reply, chosen.reason);
        return;
      case 'unplaced':
        this.#decision.verdict = 'none';
        this.#reply(chosen.reply);
    }
  }

  #send(sent: BodyBytes | undefined, { body, choice, changes }: Extract<Chosen, { kind: 'send' }>): void {
    const { route } = this.#forward as Forward;
    const head = upstreamHead(this.#forward as Forward, this.head, this.requestId, this.#client, changes);
    const { method, facts } = this.head;
    // A body that was too large to keep cannot be sent twice.
    if (route.mirrors.length > 0 && sent !== undefined) sendMirrors(this.#context, route, method, head, sent);
    const sayEmpty = saysLength(this.head);
    this.#attempts?.start(choice, {
      method,
      upgrade: facts.upgrade !== undefined,
      whole: body !== undefined || this.body.declaredLength === 0,
      firstWrite:
        body === undefined ? head + streamedFraming(this.body, sayEmpty) : withBody(head, body, sayEmpty),
    });
  }

  #forwardBody(): void {
    if (this.#over) return;
    const to = this.#attempts?.stream;
    if (to === undefined || !to.connected) {
      // A client that is not read from cannot be seen to leave: it is paused only when it has sent a lot.
      if (this.body.heldBytes > this.#context.bounds.maxHeldBodyBytes) this.#client.pauseBody();
      return;
    }
    if (to.requestEnded) return;
    const flowing = passBody(this.body, to);
    if (this.body.ended) to.requestEnded = true;
    else if (flowing) this.#client.resumeBody();
    else this.#client.pauseBody();
  }

  #requestTimeout(): void {
    this.#timedOut('the request took longer than its route allows', failureReply('timeout'));
  }

  /** @param reply of a response that has not begun */
  #timedOut(reason: string, reply: LocalReply): void {
    this.#decision.reason = `timeout: ${reason}`;
    this.#attempts?.end({ kind: 'failure', failure: 'timeout' });
    if (this.responding) this.brokeOff();
    else this.#reply(reply);
  }

  /** An answer that no endpoint was asked for. */
  #decline(reply: LocalReply, reason: string): void {
    this.#decision.verdict = 'replied';
    this.#decision.reason = reason;
    this.#reply(reply);
  }

  #reply(reply: LocalReply): void {
    if (this.#over) return;
    this.#decision.status = reply.status;
    const text = replyText(reply, {
      requestId: this.requestId,
      extra: explainHeader(this.head.headers, this.#decision, this.#context.decisions),
      mutations: this.#mutations,
      close: this.#client.closing,
      withBody: this.head.method !== 'HEAD',
      nowMs: Date.now(),
    });
    this.#finish(reply.status);
    this.#client.write(text);
    this.#client.done();
  }

  /** Every path ends here, once. */
  #finish(status: number): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#delay);
    clearTimeout(this.#timeout);
    this.#attempts?.end({ kind: 'cancelled' });
    this.#placement?.end();
    this.#decision.status = status;
    this.#decision.durationMs = Math.round(monotonicMs() - this.#startedAtMs);
    this.#context.counters.count(status, this.#decision.durationMs);
  }
}

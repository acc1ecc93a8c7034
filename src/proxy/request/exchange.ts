import { randomUUID } from 'node:crypto';
import { type LimitName, Permit } from '../../limits/index.ts';
import type { RequestContext } from '../context.ts';
import type { Decision } from '../decision-log.ts';
import type { ChoiceRequest, TryOutcome } from '../endpoint-choice.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import { type ResponseFraming, type TryEvents, UpstreamTry } from '../upstream/upstream-try.ts';
import { SMALL_BYTES, streamedFraming, withBody } from './first-write.ts';
import {
  dateHeader,
  type FailureKind,
  failureReply,
  type LocalReply,
  NO_HEALTHY_UPSTREAM,
  openAiError,
  overflowReply,
  reasonPhrase,
  textReply,
} from './local-reply.ts';
import { sendMirrors } from './mirror.ts';
import { readModelRequest, replaceModel } from './model-request.ts';
import type { RequestBody } from './request-body.ts';
import { type Resolution, resolve } from './resolve.ts';
import { clientHead, ResponseRelay } from './response-relay.ts';
import { backoffMs, retriesFailure, retriesStatus } from './retry.ts';
import { upstreamHead } from './upstream-head.ts';

/** The client's side of one request. */
export interface ClientSide {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  /** The connection is to be closed after this response. */
  readonly closing: boolean;
  /** @returns false when the client takes no more for now; strings are latin1 */
  write(data: string | Buffer): boolean;
  /** No more of the request's body is wanted for now, or it is again. */
  pauseBody(): void;
  resumeBody(): void;
  /** The response is whole. */
  done(): void;
  /** The response cannot be made whole: the connection is closed after what was written. */
  breakOff(): void;
  tunnel(connection: UpstreamConnection, rest: Buffer | undefined): void;
}

type Forward = Extract<Resolution, { kind: 'forward' }>;

/** One request from its head to its response's last byte. */
export class Exchange implements TryEvents {
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly requestId = randomUUID();
  readonly #context: RequestContext;
  readonly #client: ClientSide;
  readonly #startedAtMs = Date.now();
  readonly #decision: Decision;
  #forward: Forward | undefined;
  /** The body is read whole before anything is sent. */
  #needsWhole = false;
  #choice: ChoiceRequest = { model: '', targetModel: '', criticality: 'Standard', json: undefined };
  #bodyText: string | Buffer = '';
  #dispatched = false;
  #permit: Permit | undefined;
  #try: UpstreamTry | undefined;
  #index = -1;
  #counted = false;
  readonly #tried: number[] = [];
  #retries = 0;
  #holdsRetry = false;
  #timers: NodeJS.Timeout[] = [];
  #relay: ResponseRelay | undefined;
  #pendingHead = '';
  #responding = false;
  #over = false;

  constructor(context: RequestContext, client: ClientSide, head: RequestHead, body: RequestBody) {
    this.#context = context;
    this.#client = client;
    this.head = head;
    this.body = body;
    this.#decision = {
      requestId: this.requestId,
      atMs: this.#startedAtMs,
      verdict: 'pending',
      candidates: [],
    };
    context.decisions.add(this.#decision);
  }

  /** Something of the response went to the client. */
  get responding(): boolean {
    return this.#responding;
  }

  begin(): void {
    const resolution = resolve(this.#context, this.head, this.#client.scheme, Math.random);
    if (resolution.route !== undefined) this.#decision.route = resolution.route.name;
    if (resolution.kind === 'reply') {
      this.#decision.verdict = 'replied';
      this.#reply(resolution.reply);
      return;
    }
    this.#forward = resolution;
    const { route, cluster } = resolution;
    this.#decision.cluster = cluster.cluster.name;
    const { requestMs } = route.timeouts;
    if (requestMs !== undefined && requestMs > 0) this.#after(requestMs, () => this.#requestTimeout());
    const limit = this.#bodyLimit(resolution);
    if (limit !== undefined) {
      this.#needsWhole = true;
      if (this.body.declaredLength > limit) {
        this.#tooLarge();
        return;
      }
    }
    // Shed before the body is read, when it is sure to be refused.
    if (this.#context.limits.isFull(cluster.scope, cluster.poolScope) && !this.admit()) return;
    this.#permit?.release(Date.now());
    this.#permit = undefined;
    if (this.head.facts.expectContinue && !this.body.ended)
      this.#client.write('HTTP/1.1 100 Continue\r\n\r\n');
    if (resolution.delayMs > 0) this.#after(resolution.delayMs, () => this.#dispatchWhenReady());
    else this.#dispatchWhenReady();
  }

  /** More of the body has come. */
  bodyProgress(): void {
    if (this.#over) return;
    if (this.#dispatched) {
      this.#forwardBody();
      return;
    }
    const forward = this.#forward;
    const limit = forward === undefined ? undefined : this.#bodyLimit(forward);
    if (limit !== undefined && this.body.length > limit) {
      if (this.#mustBeWhole()) this.#tooLarge();
      else this.#needsWhole = false;
    }
    if (!this.#over) this.#dispatchWhenReady();
  }

  /** The client stopped in the middle of its body. */
  bodyTimeout(): void {
    this.#endTry({ kind: 'cancelled' });
    this.#try?.cancel();
    if (this.#responding) this.#client.breakOff();
    else this.#reply(textReply(408, 'request timeout'));
  }

  clientGone(): void {
    if (this.#over) return;
    this.#decision.verdict = this.#decision.verdict === 'pending' ? 'cancelled' : this.#decision.verdict;
    this.#endTry({ kind: 'cancelled' });
    this.#try?.cancel();
    this.#finish(0);
  }

  clientDrained(): void {
    this.#try?.resume();
  }

  // TryEvents

  admit(): boolean {
    const { scope, poolScope } = (this.#forward as Forward).cluster;
    if (this.#permit !== undefined) return true;
    const got = this.#context.limits.acquire(scope, poolScope);
    if (got instanceof Permit) {
      this.#permit = got;
      this.#decision.permit = { scope: scope.name, granted: true };
      return true;
    }
    this.#decision.verdict = 'overflow';
    this.#decision.permit = {
      scope: got.scope,
      granted: false,
      limit: got.limit,
      inUse: got.inUse,
      max: got.max,
    };
    this.#endTry({ kind: 'cancelled' });
    this.#reply(overflowReply(got));
    return false;
  }

  refused(limit: LimitName): void {
    const { scope } = (this.#forward as Forward).cluster;
    const overflow = this.#context.limits.refuse(scope, limit);
    this.#decision.verdict = 'overflow';
    this.#decision.permit = {
      scope: scope.name,
      granted: false,
      limit,
      inUse: overflow.inUse,
      max: overflow.max,
    };
    this.#endTry({ kind: 'cancelled' });
    this.#reply(overflowReply(overflow));
  }

  sent(): void {
    if (!this.#needsWhole) this.#forwardBody();
  }

  response(head: ResponseHead, framing: ResponseFraming): void {
    const { route, backend } = this.#forward as Forward;
    if (this.#mayRetry() && route.retry !== undefined && retriesStatus(route.retry, head.status)) {
      if (this.#scheduleRetry({ kind: 'status', status: head.status })) return;
    }
    this.#endTry({ kind: 'status', status: head.status });
    this.#relay = new ResponseRelay(framing, head.facts.contentType, this.#context.bounds.maxHeldEventBytes);
    this.#decision.status = head.status;
    this.#responding = true;
    this.#pendingHead = clientHead({
      head,
      framing: this.head.method === 'HEAD' && framing === 'none' && head.facts.chunked ? 'chunked' : framing,
      requestId: this.requestId,
      mutations: [backend.responseHeaders, route.responseHeaders],
      close: this.#client.closing,
      extra: this.#explainHeader(),
      nowMs: Date.now(),
    });
  }

  ended(): void {
    this.#releasePermit();
  }

  data(bytes: Buffer | undefined, end: boolean, boundary: number): void {
    if (this.#over || this.#relay === undefined) return;
    let flowing = true;
    for (const out of this.#relay.push(bytes, end, boundary)) flowing = this.#write(out);
    if (end) {
      this.flush();
      this.#finish(this.#decision.status ?? 0);
      this.#client.done();
    } else if (!flowing) this.#try?.pause();
  }

  flush(): void {
    if (this.#pendingHead === '' || this.#over) return;
    const head = this.#pendingHead;
    this.#pendingHead = '';
    this.#client.write(head);
  }

  drained(): void {
    this.#client.resumeBody();
  }

  upgraded(head: ResponseHead, connection: UpstreamConnection, rest: Buffer | undefined): void {
    this.response(head, 'none');
    this.flush();
    connection.socket.once('close', () => this.#finish(101));
    this.#client.tunnel(connection, rest);
  }

  failed(kind: FailureKind, detail: string): void {
    const outcome: TryOutcome = { kind: 'failure', failure: kind };
    if (this.#responding) {
      this.#decision.reason = `the response broke off: ${kind}: ${detail}`;
      this.#endCount(outcome);
      const event = this.#relay?.errorEvent('The model server broke off its answer.');
      this.flush();
      if (event !== undefined) this.#client.write(event);
      this.#finish(this.#decision.status ?? 0);
      this.#client.breakOff();
      return;
    }
    const { route } = this.#forward as Forward;
    const sentAny = kind !== 'connect-failure' && kind !== 'connect-timeout';
    if (this.#mayRetry() && route.retry !== undefined && retriesFailure(route.retry, kind, sentAny)) {
      if (this.#scheduleRetry(outcome)) return;
    }
    this.#endTry(outcome);
    this.#decision.reason = `${kind}: ${detail}`;
    this.#reply(failureReply(kind, detail));
  }

  // Its own steps

  #mustBeWhole(): boolean {
    const { route, cluster } = this.#forward as Forward;
    return cluster.cluster.kind === 'pool' || route.requestBufferLimitBytes !== undefined;
  }

  /** Undefined: the body is passed on as it comes. */
  #bodyLimit({ route, cluster }: Forward): number | undefined {
    if (this.head.facts.upgrade !== undefined) return undefined;
    if (route.requestBufferLimitBytes !== undefined) return route.requestBufferLimitBytes;
    const { bounds } = this.#context;
    if (cluster.cluster.kind === 'pool') return bounds.maxBodyBytes;
    const kept = route.retry !== undefined || route.mirrors.length > 0;
    return kept && this.body.declaredLength <= bounds.retryBufferBytes ? bounds.retryBufferBytes : undefined;
  }

  #tooLarge(): void {
    this.#decision.verdict = 'replied';
    this.#reply(textReply(413, 'Payload Too Large'));
  }

  #dispatchWhenReady(): void {
    if (this.#over || this.#dispatched || (this.#needsWhole && !this.body.ended)) return;
    this.#dispatched = true;
    const { cluster, route } = this.#forward as Forward;
    if (this.#needsWhole) this.#bodyText = this.body.peek();
    if (cluster.cluster.kind === 'pool' && !this.#readModel()) return;
    if (route.mirrors.length > 0) sendMirrors(this.#context, route, this.#upstreamHead(), this.#bodyText);
    this.#startTry();
  }

  #readModel(): boolean {
    const pool = (this.#forward as Forward).cluster.choice.pool;
    if (pool === undefined) return true;
    const text = this.#bodyText.toString();
    const read = readModelRequest(pool, text, Math.random());
    this.#decision.pool = pool.name;
    if ('invalid' in read) {
      this.#decision.verdict = 'replied';
      this.#reply(openAiError(400, 'BadRequestError', read.invalid));
      return false;
    }
    const { model, targetModel, json, chosen } = read;
    const criticality = chosen?.criticality ?? 'Sheddable';
    this.#choice = { model, targetModel, criticality, json };
    this.#decision.model = model;
    this.#decision.targetModel = targetModel;
    this.#decision.criticality = criticality;
    if (model !== '' && targetModel !== model) this.#bodyText = Buffer.from(replaceModel(text, targetModel));
    return true;
  }

  #startTry(): void {
    const { cluster, route } = this.#forward as Forward;
    const now = Date.now();
    const result = cluster.choice.choose(this.#choice, this.#tried, this.#decision, now);
    if (result.kind !== 'picked') {
      this.#decision.verdict = result.kind;
      this.#decision.reason = result.reason;
      this.#reply(
        result.kind === 'shed'
          ? openAiError(
              429,
              'RateLimitError',
              'All model servers are saturated and this request is sheddable.',
            )
          : NO_HEALTHY_UPSTREAM,
      );
      return;
    }
    this.#decision.verdict = 'picked';
    this.#decision.endpoint = result.address.id;
    this.#index = result.index;
    this.#tried.push(result.index);
    this.#counted = true;
    cluster.choice.started(result.index);
    const { upgrade } = this.head.facts;
    const timeoutMs = route.timeouts.backendRequestMs ?? route.retry?.perTryTimeoutMs ?? 0;
    this.#try = new UpstreamTry(result.address, cluster.connections, this, {
      method: this.head.method,
      firstWrite: this.#firstWrite(),
      wholeRequest: this.#needsWhole || (this.body.ended && this.body.length === 0),
      upgrade: upgrade !== undefined,
      maxHeadBytes: this.#context.bounds.maxHeadBytes,
      maxHeaders: this.#context.bounds.maxHeaders,
      timeoutMs,
    });
    this.#try.start();
  }

  #upstreamHead(): string {
    const { route, backend, target, host } = this.#forward as Forward;
    return upstreamHead({
      head: this.head,
      host,
      target,
      requestId: this.requestId,
      scheme: this.#client.scheme,
      clientAddress: this.#client.address,
      mutations: [route.requestHeaders, backend.requestHeaders],
      upgrade: this.head.facts.upgrade,
    });
  }

  #firstWrite(): string | readonly Buffer[] {
    const head = this.#upstreamHead();
    if (!this.#needsWhole) return head + streamedFraming(this.body);
    return withBody(head, this.#bodyText, this.body.declaredLength !== 0 || this.head.method === 'POST');
  }

  #forwardBody(): void {
    const to = this.#try;
    if (to === undefined || this.#needsWhole || to.requestEnded) return;
    const chunked = this.body.declaredLength === -1;
    let flowing = true;
    for (const bytes of this.body.take()) {
      if (bytes.length === 0) continue;
      if (chunked) to.write(`${bytes.length.toString(16)}\r\n`);
      flowing = to.write(bytes);
      if (chunked) flowing = to.write('\r\n');
    }
    if (this.body.ended) {
      if (chunked) to.write(`0\r\n${this.body.trailers}\r\n`);
      to.requestEnded = true;
    } else if (!flowing) this.#client.pauseBody();
  }

  #mayRetry(): boolean {
    const retry = this.#forward?.route.retry;
    return retry !== undefined && this.#needsWhole && this.#retries < retry.attempts && !this.#over;
  }

  #scheduleRetry(outcome: TryOutcome): boolean {
    const { cluster, route } = this.#forward as Forward;
    if (route.retry === undefined || !this.#context.limits.acquireRetry(cluster.scope)) return false;
    (this.#decision.tries ??= []).push({
      endpoint: this.#decision.endpoint ?? '',
      outcome: outcome.kind === 'status' ? String(outcome.status) : outcome.kind,
    });
    this.#endTry(outcome);
    this.#endCount({ kind: 'cancelled' });
    this.#try?.cancel();
    this.#holdsRetry = true;
    this.#after(backoffMs(route.retry, this.#retries++, Math.random()), () => this.#startTry());
    return true;
  }

  /** Tells how the try ended, once. */
  #endTry(outcome: TryOutcome): void {
    if (this.#holdsRetry) {
      this.#holdsRetry = false;
      this.#context.limits.releaseRetry((this.#forward as Forward).cluster.scope);
    }
    if (outcome.kind !== 'status') this.#endCount(outcome);
    else (this.#forward as Forward).cluster.choice.observed(this.#index, outcome, Date.now());
  }

  /** The endpoint has one request less. */
  #endCount(outcome: TryOutcome): void {
    if (!this.#counted) return;
    this.#counted = false;
    const { choice } = (this.#forward as Forward).cluster;
    choice.ended(this.#index);
    if (outcome.kind === 'failure') choice.observed(this.#index, outcome, Date.now());
  }

  #requestTimeout(): void {
    this.#try?.cancel();
    this.failed('timeout', 'the request took longer than its route allows');
  }

  #explainHeader(): readonly string[] {
    for (let i = 0; i < this.head.headers.length; i += 2) {
      if (this.head.headers[i] !== 'x-breakwater-explain') continue;
      const text = JSON.stringify(this.#context.decisions.withCandidates(this.#decision)).replace(
        /[^\x20-\x7e]/g,
        c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      return ['x-breakwater-decision', text.slice(0, 8192)];
    }
    return [];
  }

  #reply(reply: LocalReply): void {
    if (this.#over) return;
    this.#decision.status = reply.status;
    let text = `HTTP/1.1 ${reply.status} ${reasonPhrase(reply.status)}\r\n`;
    for (let i = 0; i < reply.headers.length; i += 2)
      text += `${reply.headers[i]}: ${reply.headers[i + 1]}\r\n`;
    const extra = this.#explainHeader();
    if (extra.length > 0) text += `${extra[0]}: ${extra[1]}\r\n`;
    const body = Buffer.from(reply.body);
    text += `content-length: ${body.length}\r\ndate: ${dateHeader(Date.now())}\r\nx-request-id: ${this.requestId}\r\n`;
    if (this.#client.closing) text += 'connection: close\r\n';
    this.#finish(reply.status);
    this.#client.write(`${text}\r\n${this.head.method === 'HEAD' ? '' : body.toString('latin1')}`);
    this.#client.done();
  }

  #write(bytes: Buffer): boolean {
    if (this.#pendingHead === '') return this.#client.write(bytes);
    const head = this.#pendingHead;
    this.#pendingHead = '';
    if (bytes.length <= SMALL_BYTES) return this.#client.write(head + bytes.toString('latin1'));
    this.#client.write(head);
    return this.#client.write(bytes);
  }

  #after(ms: number, then: () => void): void {
    this.#timers.push(setTimeout(then, ms));
  }

  #releasePermit(): void {
    this.#permit?.release(Date.now());
    this.#endCount({ kind: 'cancelled' });
  }

  /** Every path ends here, once. */
  #finish(status: number): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#holdsRetry) this.#endTry({ kind: 'cancelled' });
    this.#releasePermit();
    this.#decision.status = status;
    this.#decision.durationMs = Date.now() - this.#startedAtMs;
    this.#context.counters.count(status, this.#decision.durationMs);
  }
}

import { monotonicMs, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import type { LimitName } from '../../limits/index.ts';
import {
  type Action,
  type Address,
  CANCELLED,
  type FailureKind,
  type SendingLife,
  type StaleConnection,
  type TryOutcome,
} from '../../request/index.ts';
import type { BodyForm, Framing } from '../codec/body-form.ts';
import type { ResponseHead } from '../codec/response-head.ts';
import type { ServerTunnel } from '../codec/server-tunnel.ts';
import type { UpstreamEvents } from '../codec/upstream-events.ts';
import type { UpstreamRequest } from '../codec/upstream-request.ts';
import type { UpstreamStream } from '../codec/upstream-stream.ts';
import type { Forward, RequestContext } from '../request-context.ts';
import type { AttemptEvents } from './attempt-events.ts';
import { delayNotFound, type HeldNotFound } from './held-not-found.ts';
import { tryOptions } from './try-options.ts';

const NOTHING = () => {};

/** The tries of one request, one after the other: its life says which, this is the connection of each. */
export class Attempts implements UpstreamEvents {
  readonly #context: RequestContext;
  readonly #forward: Forward;
  readonly #life: SendingLife;
  readonly #events: AttemptEvents;
  /** The client's. */
  readonly #framing: Framing;
  #upload: UpstreamRequest | undefined;
  #try: UpstreamStream | undefined;
  #backoff: Timer | undefined;
  #responding = false;
  #held: HeldNotFound | undefined;
  #over = false;

  constructor(
    context: RequestContext,
    forward: Forward,
    life: SendingLife,
    events: AttemptEvents,
    framing: Framing,
  ) {
    this.#context = context;
    this.#forward = forward;
    this.#life = life;
    this.#events = events;
    this.#framing = framing;
  }

  get started(): boolean {
    return this.#upload !== undefined;
  }

  /** The upstream connection takes a body that is streamed. */
  get stream(): UpstreamStream | undefined {
    return this.#try;
  }

  /** An event may be put into the answer: the client has read whole ones. */
  get betweenEvents(): boolean {
    return this.#try?.betweenEvents === true;
  }

  start(upload: UpstreamRequest): void {
    this.#upload = upload;
    this.#life.repeats(this.#forward.route.retry, upload);
    this.#open();
  }

  /** The request is over: all is given back. @param outcome what that says of the endpoint */
  end(outcome: TryOutcome): void {
    if (this.#over) return;
    this.#over = true;
    stopTimer(this.#backoff);
    this.#held?.stop();
    try {
      this.#life.settle(outcome, monotonicMs());
    } finally {
      // Until the server has seen that nobody waits, it may still be at work.
      if (this.#try === undefined) this.#life.gone(monotonicMs());
      else this.#try.cancel(() => this.#life.gone(monotonicMs()));
    }
  }

  pause(): void {
    this.#try?.pause();
  }

  resume(): void {
    this.#try?.resume();
  }

  // UpstreamEvents

  admit(): boolean {
    if (this.#life.admit(monotonicMs())) return true;
    this.#giveUp();
    return false;
  }

  refused(limit: LimitName): void {
    this.#life.refused(limit);
    this.#giveUp();
  }

  sent(): void {
    this.#events.sent();
  }

  response(head: ResponseHead, form: BodyForm): void {
    const step = this.#life.answered(head.status, monotonicMs());
    if (step !== 'pass') {
      this.#do(step);
      return;
    }
    this.#held = delayNotFound(head, form, this.#life.namesModel, this.#upload?.whole === true);
    if (this.#held === undefined) this.#respond(head, form);
    else this.#held.wait(this, () => this.#letGo(false));
  }

  ended(): void {
    this.#life.whole(monotonicMs());
  }

  data(bytes: Buffer | undefined, end: boolean): void {
    if (this.#over) return;
    if (this.#held !== undefined) {
      if (!this.#held.push(bytes) || end) this.#letGo(end);
      return;
    }
    if (end) this.#over = true;
    this.#events.data(bytes, end);
  }

  trailers(fields: readonly string[]): void {
    if (this.#over) return;
    this.#letGo(false);
    this.#events.trailers(fields);
  }

  flush(): void {
    if (this.#responding) this.#events.flush();
  }

  drained(): void {
    this.#events.drained();
  }

  upgraded(head: ResponseHead, tunnel: ServerTunnel): void {
    this.#life.upgraded(monotonicMs());
    this.#responding = true;
    this.#life.responds(head.status);
    this.#events.upgraded(head, tunnel);
  }

  failed(kind: FailureKind, detail: string, stale: StaleConnection): void {
    this.#letGo(false);
    this.#do(this.#life.failed(kind, detail, stale, monotonicMs()));
  }

  fault(thrown: unknown): void {
    this.#events.fault(thrown);
  }

  // Its own steps

  #do(step: Action): void {
    switch (step) {
      case 'send':
      case 'send-anew':
        this.#open();
        return;
      case 'wait':
        this.#try?.cancel(NOTHING);
        this.#backoff = startTimerFor(this, this.#life.waitMs, () =>
          this.#do(this.#life.again(monotonicMs())),
        );
        return;
      case 'reply':
        this.#giveUp();
        return;
      case 'break-off':
        this.end(CANCELLED);
        this.#events.brokeOff();
        return;
      case 'pass':
      case 'read':
      case 'decide':
      case 'ask':
        throw new Error(`it was sent already: ${step}`);
    }
  }

  #respond(head: ResponseHead, form: BodyForm): void {
    this.#responding = true;
    this.#life.responds(head.status);
    this.#events.response(head, form);
  }

  /** What was held, as far as it has come, goes to the client; of a model that is not there another endpoint is asked first. */
  #letGo(end: boolean): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    held.stop();
    if (end && held.saysModelAbsent) {
      const step = this.#life.lacksModel(held.head.status, monotonicMs());
      if (step !== 'pass') {
        this.#do(step);
        return;
      }
    }
    this.#respond(held.head, held.form);
    if (end || held.body.length > 0) this.data(held.body, end);
    this.flush();
  }

  #open(): void {
    const { cluster, route } = this.#forward;
    this.#try?.cancel(NOTHING);
    const options = tryOptions(
      this.#upload as UpstreamRequest,
      this.#framing,
      route,
      this.#context.bounds,
      this.#life.sentAnew,
    );
    const address = cluster.choice.addresses[this.#life.index] as Address;
    this.#try = cluster.connections.open(address, this, options);
    this.#try.start();
  }

  #giveUp(): void {
    this.end(CANCELLED);
    this.#events.gaveUp();
  }
}

import { monotonicMs, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import { type Action, type ExternalPicking, type Placement, RouteTimeouts } from '../../request/index.ts';
import { BodyBytes } from '../codec/body-bytes.ts';
import type { RequestBody } from '../codec/request-body.ts';
import type { UpstreamRequest } from '../codec/upstream-request.ts';
import type { Forward } from '../request-context.ts';
import type { Attempts } from './attempts.ts';
import { knownBytes, wholeUpTo } from './body-rule.ts';
import type { Dispatched } from './dispatched.ts';
import { sendMirrors } from './mirror.ts';
import { passBody } from './pass-body.ts';
import { placementHeaders } from './placement-headers.ts';
import { saysEmpty } from './says-empty.ts';
import { upstreamHeaders } from './upstream-headers.ts';

/** The way of a request to its endpoints: waits for as much of the body as is needed, sends, passes the body on. */
export class Dispatch {
  readonly #request: Dispatched;
  readonly #forward: Forward;
  readonly #attempts: Attempts;
  /** The question to an external picker: none is asked twice. */
  #placement: Placement | undefined;
  /** See {@link wholeUpTo}. */
  #wholeUpTo: number | undefined;
  #delay: Timer | undefined;
  readonly #timeouts: RouteTimeouts | undefined;
  /** It was decided where it goes, or somebody else is asked. */
  #decided = false;
  /** What decides about it waits, before its body is wanted or with as much of it as is needed. */
  #waitsBy: 'head' | 'body' | undefined;
  /** The body as it came; undefined: it is passed on as it comes. */
  #sent: BodyBytes | undefined;
  /** What is sent, the same for every try. */
  #upload: UpstreamRequest | undefined;
  #over = false;

  constructor(request: Dispatched, forward: Forward, attempts: Attempts) {
    this.#request = request;
    this.#forward = forward;
    this.#attempts = attempts;
    this.#timeouts = RouteTimeouts.of(forward.route.timeouts, request);
  }

  get placement(): Placement | undefined {
    return this.#placement;
  }

  begin(): void {
    const { head, body, life, context } = this.#request;
    const upgradesWithBody =
      head.facts.upgrade !== undefined && (head.method !== 'GET' || body.declaredLength !== 0);
    this.#wholeUpTo = wholeUpTo(this.#forward, head, body, context.bounds);
    const action = life.begin(
      upgradesWithBody,
      knownBytes(body),
      stillToCome(body),
      this.#wholeUpTo,
      monotonicMs(),
    );
    if (!this.#wants(action)) return;
    this.#request.client.askForBody();
    this.#start();
  }

  /** What it waits for is there. */
  goesOn(): void {
    const by = this.#waitsBy;
    this.#waitsBy = undefined;
    if (by === 'head') this.begin();
    else this.#sendWhenReady();
  }

  /** It is sent when enough of its body is there, not before a delay that its route injects is over. */
  #start(): void {
    const { delayMs } = this.#forward;
    if (delayMs > 0)
      this.#delay = startTimerFor(this.#request, delayMs, () => {
        this.#delay = undefined;
        this.#sendWhenReady();
      });
    else this.#sendWhenReady();
  }

  /** More of the body has come. */
  progress(): void {
    if (this.#attempts.started) {
      this.passBody();
      return;
    }
    const { head, body, life, context } = this.#request;
    if (this.#wholeUpTo !== undefined && body.length > this.#wholeUpTo) {
      this.#wholeUpTo = wholeUpTo(this.#forward, head, body, context.bounds);
      if (!this.#wants(life.bodyIs(knownBytes(body), stillToCome(body), this.#wholeUpTo))) return;
    }
    this.#sendWhenReady();
    if (this.#wholeUpTo === undefined) this.passBody();
  }

  /** As much of the body as the endpoint takes. */
  passBody(): void {
    if (this.#over) return;
    const { body, client, context } = this.#request;
    const to = this.#attempts.stream;
    if (to === undefined || !to.connected) {
      // A client that is not read from cannot be seen to leave: it is paused only when it has sent a lot.
      if (body.heldBytes > context.bounds.maxHeldBodyBytes) client.pauseBody();
      return;
    }
    if (to.requestEnded) return;
    const flowing = passBody(body, to);
    if (body.ended) return;
    if (flowing) client.resumeBody();
    else client.pauseBody();
  }

  /** The answer has begun: what was kept to send the request again is given up, however long the answer takes. */
  answered(): void {
    const { body, life } = this.#request;
    if (this.#wholeUpTo === undefined || !body.ended) return;
    if (this.#upload !== undefined) this.#upload.body = undefined;
    life.forgetsPrompt();
    body.drop();
  }

  /** The request is over; nothing is sent any more. */
  end(): void {
    this.#over = true;
    stopTimer(this.#delay);
    this.#timeouts?.stop();
    this.#placement?.end();
  }

  /** @returns whether its body is wanted; if not, the request is answered or waits */
  #wants(action: Action): boolean {
    const { body, life } = this.#request;
    if (action === 'reply' || body.starved) {
      if (action !== 'reply') life.starves();
      this.#request.replies();
      return false;
    }
    if (action === 'wait') this.#waitsBy = 'head';
    return action !== 'wait';
  }

  #sendWhenReady(): void {
    if (this.#over || this.#delay !== undefined || this.#decided || this.#waitsBy !== undefined) return;
    const { body, life } = this.#request;
    const whole = this.#wholeUpTo !== undefined;
    if (whole && !body.ended) return;
    this.#decided = true;
    if (whole) this.#sent = new BodyBytes([body.peek()]);
    this.#go(life.decide(this.#sent?.bytes, monotonicMs()));
  }

  #go(action: Action): void {
    const { life } = this.#request;
    if (action === 'send') this.#send();
    else if (action === 'reply') this.#request.replies();
    else if (action === 'decide') this.#go(life.decide(this.#sent?.bytes, monotonicMs()));
    else if (action === 'ask') this.#ask(this.#forward.cluster.external as ExternalPicking);
    else if (action === 'wait') {
      this.#decided = false;
      this.#waitsBy = 'body';
    } else throw new Error(`nothing was sent yet: ${action}`);
  }

  #ask({ client, indexOf }: ExternalPicking): void {
    const request = this.#request;
    this.#placement = client.place({
      indexOf,
      headers: placementHeaders(request, this.#forward, request.client.scheme),
      body: this.#sent?.bytes,
      placed: outcome => {
        try {
          if (!this.#over) this.#go(request.life.pickedElsewhere(outcome, monotonicMs()));
        } catch (thrown) {
          request.fault(thrown);
        }
      },
      fault: thrown => request.fault(thrown),
    });
  }

  #send(): void {
    const { client, head, body, requestId, life } = this.#request;
    const { route } = this.#forward;
    const headers = upstreamHeaders(this.#forward, head, requestId, client, life.changes);
    const upload: UpstreamRequest = {
      method: head.method,
      target: this.#forward.target,
      headers,
      upgrade: head.facts.upgrade,
      whole: this.#sent !== undefined || body.declaredLength === 0,
      body: life.rewritten === undefined ? this.#sent : new BodyBytes(life.rewritten),
      bodyLength: body.declaredLength,
      saysEmpty: saysEmpty(head),
    };
    // A body that was too large to keep cannot be sent twice.
    if (route.mirrors.length > 0 && this.#sent !== undefined)
      sendMirrors(this.#request, route, upload, this.#sent);
    this.#upload = upload;
    this.#attempts.start(upload);
    this.#sent = undefined;
    life.rewritten = undefined;
  }
}

/** By what the client says; what it does not say is found out as it comes. */
function stillToCome(body: RequestBody): number {
  return Math.max(0, body.declaredLength - body.length);
}

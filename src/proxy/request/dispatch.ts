import type { Payer } from '../../kernel/index.ts';
import type { Placement } from '../../picker/index.ts';
import {
  badRequest,
  type ChoiceRequest,
  type Decision,
  type LocalReply,
  NO_ROOM,
  noRoomReply,
  TOO_LARGE,
  TOO_LARGE_REPLY,
  UPGRADE_WITH_BODY,
} from '../../request/index.ts';
import type { RequestContext } from '../context.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { Attempts } from './attempts.ts';
import { BodyBytes } from './body-bytes.ts';
import { bodyRule } from './body-rule.ts';
import { type Chosen, chosenElsewhere, chosenHere } from './chosen.ts';
import type { ClientSide } from './client-side.ts';
import { saysLength, streamedFraming, withBody } from './first-write.ts';
import { sendMirrors } from './mirror.ts';
import { passBody } from './pass-body.ts';
import { placementHeaders } from './placement-headers.ts';
import type { RequestBody } from './request-body.ts';
import type { Forward } from './resolve.ts';
import { upstreamHead } from './upstream-head.ts';

/** What a request is, and how it is answered when it is sent to nobody. */
export interface Dispatched extends Payer {
  readonly context: RequestContext;
  readonly client: ClientSide;
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly requestId: string;
  readonly decision: Decision;
  /** An answer that no endpoint was asked for. */
  decline(reply: LocalReply, reason: string): void;
  reply(reply: LocalReply): void;
}

/** The way of a request to its endpoints: waits for as much of the body as is needed, has one chosen, sends, passes the body on. */
export class Dispatch {
  readonly #request: Dispatched;
  readonly #forward: Forward;
  readonly #attempts: Attempts;
  /** The question to an external picker: none is asked twice. */
  #placement: Placement | undefined;
  #asked = false;
  /** The body is read whole before anything is sent, up to a limit; undefined: it is passed on as it comes. */
  #wholeUpTo: number | undefined;
  #held = false;
  #choice: ChoiceRequest | undefined;
  /** Head and body, where they are more than one string. */
  #written: Buffer[] | undefined;
  #over = false;

  constructor(request: Dispatched, forward: Forward, attempts: Attempts) {
    this.#request = request;
    this.#forward = forward;
    this.#attempts = attempts;
  }

  get placement(): Placement | undefined {
    return this.#placement;
  }

  /** @returns whether the body may be as large as it is known to be; if not, the request is answered */
  readsBody(): boolean {
    const { head, body, context } = this.#request;
    // What follows an upgrade is no body: a request with one must not be placed without being read.
    if (head.facts.upgrade !== undefined && this.#forward.cluster.choice.pool !== undefined)
      if (head.method !== 'GET' || body.declaredLength !== 0) {
        this.#request.decline(badRequest(head.target, UPGRADE_WITH_BODY), UPGRADE_WITH_BODY);
        return false;
      }
    const rule = bodyRule(this.#forward, head, body, context.bounds);
    this.#wholeUpTo = rule.wholeUpTo;
    if (rule.refused) this.#request.decline(TOO_LARGE_REPLY, TOO_LARGE);
    else if (body.starved || (rule.wholeUpTo !== undefined && !context.bodies.hasRoom(stillToCome(body)))) {
      this.#request.decline(noRoomReply(context.bodies), NO_ROOM);
      return false;
    }
    return !rule.refused;
  }

  /** Nothing is sent until {@link release}. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#sendWhenReady();
  }

  /** More of the body has come. */
  progress(): void {
    if (this.#attempts.started) {
      this.passBody();
      return;
    }
    const tooLong = this.#wholeUpTo !== undefined && this.#request.body.length > this.#wholeUpTo;
    if (tooLong && !this.readsBody()) return;
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
    if (body.ended) to.requestEnded = true;
    else if (flowing) client.resumeBody();
    else client.pauseBody();
  }

  /** The answer has begun: what was kept to send the request again is given up, however long the answer takes. */
  answered(): void {
    const { body } = this.#request;
    if (this.#wholeUpTo === undefined || !body.ended) return;
    if (this.#written !== undefined) this.#written.length = 0;
    if (this.#choice?.prompt !== undefined) this.#choice.prompt = undefined;
    body.drop();
  }

  /** The request is over; nothing is sent any more. */
  end(): void {
    this.#over = true;
    this.#placement?.end();
  }

  #sendWhenReady(): void {
    if (this.#over || this.#held || this.#asked || this.#attempts.started) return;
    const { head, body, client, decision } = this.#request;
    const whole = this.#wholeUpTo !== undefined;
    if (whole && !body.ended) return;
    const { choice, external } = this.#forward.cluster;
    const { pool } = choice;
    const sent = whole ? new BodyBytes([body.peek()]) : undefined;
    if (pool !== undefined) decision.pool = pool.name;
    if (external === undefined) this.#go(sent, chosenHere(pool, sent, head, decision));
    else {
      this.#asked = true;
      this.#placement = external.client.place({
        indexOf: external.indexOf,
        headers: placementHeaders(this.#request, this.#forward, client.scheme),
        body: sent?.bytes,
        placed: outcome => {
          try {
            if (!this.#over) this.#go(sent, chosenElsewhere(outcome, pool, sent, head, decision));
          } catch (thrown) {
            this.#request.fault(thrown);
          }
        },
        fault: thrown => this.#request.fault(thrown),
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
        this.#request.decline(chosen.reply, chosen.reason);
        return;
      case 'unplaced':
        this.#request.decision.verdict = 'none';
        this.#request.reply(chosen.reply);
    }
  }

  #send(sent: BodyBytes | undefined, chosen: Extract<Chosen, { kind: 'send' }>): void {
    const { context, client, head, body, requestId } = this.#request;
    const { route } = this.#forward;
    const text = upstreamHead(this.#forward, head, requestId, client, chosen.changes);
    const { method, facts } = head;
    // A body that was too large to keep cannot be sent twice.
    if (route.mirrors.length > 0 && sent !== undefined)
      sendMirrors(context, route, { head, body }, text, sent);
    const sayEmpty = saysLength(head);
    const firstWrite =
      chosen.body === undefined
        ? text + streamedFraming(body, sayEmpty)
        : withBody(text, chosen.body, sayEmpty);
    this.#choice = chosen.choice;
    if (typeof firstWrite !== 'string') this.#written = firstWrite;
    this.#attempts.start(chosen.choice, {
      method,
      upgrade: facts.upgrade !== undefined,
      whole: chosen.body !== undefined || body.declaredLength === 0,
      firstWrite,
    });
  }
}

/** By what the client says; what it does not say is found out as it comes. */
function stillToCome(body: RequestBody): number {
  return Math.max(0, body.declaredLength - body.length);
}

import { monotonicMs } from '../../../kernel/index.ts';
import type { ProxyLimits } from '../../defaults.ts';
import type { FieldFacts } from '../header-fields.ts';
import { AnswerWriter } from './answer-writer.ts';
import { bodyIsLate } from './body-pace.ts';
import { type DiscardedBody, leavesTooMuch } from './discarded-body.ts';
import type { FramedBody } from './framed-body.ts';

/** What is known of the body of the request that a connection serves, or has answered. */
export abstract class BodyReading extends AnswerWriter {
  /** Of the request that is served. */
  protected facts: FieldFacts | undefined;
  protected body: FramedBody | undefined;
  /** Of the one that was answered last. */
  protected discard: DiscardedBody | undefined;
  protected bodyPaused = false;

  askForBody(): void {
    if (this.facts?.expectContinue === true && this.body?.ended === false)
      this.write('HTTP/1.1 100 Continue\r\n\r\n');
  }

  pauseBody(): void {
    this.bodyPaused = true;
    this.socket.pause();
  }

  resumeBody(): void {
    if (!this.bodyPaused) return;
    this.bodyPaused = false;
    this.lastActivityMs = monotonicMs();
    this.socket.resume();
  }

  /** So much of it is still to come that the connection is closed instead of reading it. */
  protected leavesTooMuch(maxBytes: number): boolean {
    if (this.facts === undefined || this.body === undefined) return false;
    return leavesTooMuch(this.facts, this.body, maxBytes);
  }

  /** While the server takes no more of it, that is not the client's doing. @param openMs since the request's head */
  protected bodyIsLate(quietMs: number, openMs: number, answered: boolean, bounds: ProxyLimits): boolean {
    const body = this.discard?.body ?? this.body;
    if (body === undefined || body.ended || this.bodyPaused) return false;
    return bodyIsLate(body.length, quietMs, openMs, answered, bounds);
  }
}

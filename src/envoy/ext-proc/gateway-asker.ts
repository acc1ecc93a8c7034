import type { Asker } from '../../request/index.ts';
import type { RequestHeaders } from './message.ts';

/** Of a gateway that sends no head (request_header_mode SKIP). */
const NO_HEAD = { method: '', target: '', contentType: '', contentEncoding: '', objective: '' };

/** What a gateway says of who asks, and what. */
export abstract class GatewayAsker implements Asker {
  toOperator = false;
  explains = false;
  protected head: Pick<RequestHeaders, keyof typeof NO_HEAD> = NO_HEAD;

  get target(): string {
    return this.head.target;
  }

  get contentType(): string {
    return this.head.contentType;
  }

  get contentEncoding(): string {
    return this.head.contentEncoding;
  }

  get objective(): string {
    return this.head.objective;
  }

  abstract goesOn(): void;
}

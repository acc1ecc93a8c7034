import { newId } from '../../kernel/index.ts';
import { isOperator } from '../../plan/index.ts';
import { type Asker, headerValue, OBJECTIVE } from '../../request/index.ts';
import type { RequestContext } from '../context.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { ClientSide } from './client-side.ts';
import type { RequestBody } from './request-body.ts';

/** What a request's head and its client's connection say of it; read when it is asked for. */
export abstract class Asking implements Asker {
  readonly context: RequestContext;
  readonly client: ClientSide;
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly requestId = newId();

  constructor(context: RequestContext, client: ClientSide, head: RequestHead, body: RequestBody) {
    this.context = context;
    this.client = client;
    this.head = head;
    this.body = body;
  }

  get toOperator(): boolean {
    return isOperator(this.context.hosts.server.operators, this.client.address);
  }

  get explains(): boolean {
    const { headers } = this.head;
    for (let i = 0; i < headers.length; i += 2) if (headers[i] === 'x-breakwater-explain') return true;
    return false;
  }

  get target(): string {
    return this.head.target;
  }

  get contentType(): string {
    return headerValue(this.head.headers, 'content-type');
  }

  get contentEncoding(): string {
    return headerValue(this.head.headers, 'content-encoding');
  }

  get objective(): string {
    return headerValue(this.head.headers, OBJECTIVE);
  }
}

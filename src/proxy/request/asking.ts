import { newId } from '../../kernel/index.ts';
import { isOperator } from '../../plan/index.ts';
import { type Asker, headerValue, OBJECTIVE } from '../../request/index.ts';
import type { ClientStream } from '../codec/client-stream.ts';
import type { RequestBody } from '../codec/request-body.ts';
import type { RequestHead } from '../codec/request-head.ts';
import type { RequestContext } from '../request-context.ts';

/** What a request's head and its client's connection say of it; read when it is asked for. */
export abstract class Asking implements Asker {
  readonly context: RequestContext;
  readonly client: ClientStream;
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly requestId = newId();

  constructor(context: RequestContext, client: ClientStream, head: RequestHead, body: RequestBody) {
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

  abstract goesOn(): void;

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

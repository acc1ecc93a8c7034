import type { ScopeHandle } from '../../../src/limits/index.ts';
import type { BodyForm } from '../../../src/proxy/codec/body-form.ts';
import type { ClientStream } from '../../../src/proxy/codec/client-stream.ts';
import type { MessageFacts } from '../../../src/proxy/codec/message-facts.ts';
import type { RequestHead } from '../../../src/proxy/codec/request-head.ts';
import type { ResponseHead } from '../../../src/proxy/codec/response-head.ts';
import type { UpstreamEvents } from '../../../src/proxy/codec/upstream-events.ts';
import type {
  TryOptions,
  UpstreamConnections,
  UpstreamStream,
} from '../../../src/proxy/codec/upstream-stream.ts';
import type { Address } from '../../../src/request/index.ts';

/*
 * A third protocol, which has no bytes at all: its messages are objects in this process's memory. What is told to it is kept as text,
 * one line for each call, so that a test can read an exchange.
 */

const FACTS: MessageFacts = {
  contentLength: -1,
  contentType: '',
  contentEncoding: '',
  upgrade: undefined,
  connectionNames: undefined,
};

export function requestHead(method: string, target: string, ...headers: string[]): RequestHead {
  return { method, target, authority: 'a', headers: ['host', 'a', ...headers], facts: { ...FACTS } };
}

export function responseHead(status: number, facts: Partial<MessageFacts> = {}): ResponseHead {
  return { status, reason: '', headers: ['x-from', 'memory'], facts: { ...FACTS, ...facts } };
}

/** The client's side of one request. */
export class ObjectClient implements ClientStream {
  readonly scheme = 'http';
  readonly address = '192.0.2.1';
  readonly framing = 'objects';
  begun = false;
  readonly told: string[] = [];
  headers: readonly string[] = [];
  /** It takes no more for now. */
  full = false;

  askForBody(): void {
    this.told.push('asked for the body');
  }

  pauseBody(): void {
    this.told.push('body paused');
  }

  resumeBody(): void {}

  head(status: number, _reason: string, headers: readonly string[], form: BodyForm): void {
    this.headers = headers;
    this.told.push(`head ${status} ${form}`);
  }

  data(bytes: Buffer): boolean {
    this.begun = true;
    this.told.push(`data ${bytes}`);
    return !this.full;
  }

  insert(payload: Buffer): void {
    this.told.push(`insert ${payload}`);
  }

  trailers(fields: readonly string[]): void {
    this.told.push(`trailers ${fields.join(' ')}`);
  }

  flush(): void {
    this.begun = true;
  }

  end(): void {
    this.told.push('end');
  }

  reset(): void {
    this.told.push('reset');
  }

  closeWithAnswer(): void {}

  tunnel(): void {
    this.told.push('tunnel');
  }
}

/** The server's side of one try. */
export class ObjectTry implements UpstreamStream {
  connected = false;
  requestEnded = false;
  betweenEvents = false;
  readonly told: string[] = [];
  readonly target: Address;
  readonly events: UpstreamEvents;
  readonly options: TryOptions;

  constructor(target: Address, events: UpstreamEvents, options: TryOptions) {
    this.target = target;
    this.events = events;
    this.options = options;
  }

  start(): void {
    if (!this.events.admit()) return;
    const { method, target, body, whole } = this.options.request;
    this.connected = true;
    this.requestEnded = whole;
    this.told.push(`${method} ${target}${body === undefined ? '' : ` ${body.bytes}`}`);
    this.events.sent();
  }

  data(bytes: Buffer): boolean {
    this.told.push(`data ${bytes}`);
    return true;
  }

  trailers(fields: readonly string[]): void {
    this.told.push(`trailers ${fields.join(' ')}`);
  }

  end(): void {
    this.requestEnded = true;
    this.told.push('end');
  }

  pause(): void {
    this.told.push('paused');
  }

  resume(): void {
    this.told.push('resumed');
  }

  watch(): void {
    throw new Error('its pieces are payload');
  }

  cancel(onGone: () => void): void {
    this.told.push('cancelled');
    onGone();
  }

  /** The whole of an answer. */
  answer(status: number, pieces: readonly string[], trailers: readonly string[] = []): void {
    this.events.response(responseHead(status), 'open');
    for (const piece of pieces) this.events.data(Buffer.from(piece), false);
    if (trailers.length > 0) this.events.trailers(trailers);
    this.events.ended();
    this.events.data(undefined, true);
    this.events.flush();
  }
}

export class ObjectConnections implements UpstreamConnections {
  readonly tls = undefined;
  readonly scope: ScopeHandle;
  readonly tries: ObjectTry[] = [];

  constructor(scope: ScopeHandle) {
    this.scope = scope;
  }

  open(target: Address, events: UpstreamEvents, options: TryOptions): UpstreamStream {
    const one = new ObjectTry(target, events, options);
    this.tries.push(one);
    return one;
  }

  /** The last try. */
  get last(): ObjectTry {
    const last = this.tries.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last;
  }

  update(): void {}

  yieldIdle(): void {}

  drain(): void {}
}

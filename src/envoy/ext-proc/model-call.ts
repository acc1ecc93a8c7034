import type { Payer } from '../../kernel/index.ts';
import { isModelHeader } from '../../plan/index.ts';
import { bodyRefusal, routedModel } from '../../request/index.ts';
import type { CallHandler, GrpcCall } from '../../wire/index.ts';
import { INVALID_ARGUMENT } from '../../wire/index.ts';
import { FAULT_ANSWER } from './fault.ts';
import type { PickerReply, ProxyMessage, RequestHeaders } from './message.ts';
import type { PickContext } from './pick-context.ts';
import { decodeMessage } from './wire/decode.ts';
import { encodeReply } from './wire/encode.ts';

/** gRPC metadata of a stream that is asked for the model of a body, in these headers, and for nothing else. Set by our own Envoy configuration. */
export const MODEL_METADATA = 'x-breakwater-model-headers';

/** One request whose route depends on its model: it takes no permit and picks no endpoint. The gateway buffers the body. */
export class ModelCall implements CallHandler, Payer {
  readonly #call: GrpcCall;
  readonly #context: PickContext;
  readonly #names: readonly string[];
  readonly #onBadInput: (peer: string, reason: string) => void;
  #head: Pick<RequestHeaders, 'contentType' | 'contentEncoding'> = { contentType: '', contentEncoding: '' };

  constructor(
    call: GrpcCall,
    context: PickContext,
    names: readonly string[],
    onBadInput: (peer: string, reason: string) => void,
  ) {
    this.#call = call;
    this.#context = context;
    this.#names = names.filter(isModelHeader);
    this.#onBadInput = onBadInput;
  }

  message(bytes: Buffer): void {
    try {
      const message = decodeMessage(bytes);
      if (message.kind === 'malformed') {
        const reason = `no ProcessingRequest: ${message.reason}`;
        this.#onBadInput(this.#call.peer, reason);
        this.#call.end({ code: INVALID_ARGUMENT, message: reason });
      } else this.#send(this.#answer(message), isLast(message));
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  halfClosed(): void {
    this.#call.end();
  }

  closed(): void {}

  fault(thrown: unknown): void {
    this.#context.faults.tell('a request', thrown);
    this.#send(FAULT_ANSWER, true);
  }

  #answer(message: Exclude<ProxyMessage, { kind: 'malformed' }>): PickerReply {
    switch (message.kind) {
      case 'request-headers':
        return this.#begin(message);
      case 'request-body': {
        const model = routedModel(message.body, this.#head);
        if (model === undefined) return { kind: 'continue', phase: 'request-body' };
        return { kind: 'request-described', set: this.#names.flatMap(name => [name, model]) };
      }
      default:
        return { kind: 'continue', phase: message.kind };
    }
  }

  /** What is sure to be too large is refused before it has come. */
  #begin(head: RequestHeaders): PickerReply {
    const { bounds, bodies } = this.#context;
    this.#head = head;
    const { contentLength } = head;
    const refusal = bodyRefusal(bodies, contentLength, Math.max(0, contentLength), bounds.maxBodyBytes);
    if (refusal !== undefined) return { kind: 'immediate', reply: refusal.reply, extra: [] };
    return { kind: 'continue', phase: 'request-headers' };
  }

  /** @param last nothing is left to say: the gateway would keep the stream for as long as its request lasts */
  #send(reply: PickerReply, last: boolean): void {
    this.#call.send([encodeReply(reply)]);
    if (last || reply.kind === 'immediate') this.#call.end();
  }
}

function isLast(message: ProxyMessage): boolean {
  return message.kind === 'request-headers' ? message.endOfStream : true;
}

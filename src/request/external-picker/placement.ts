import { monotonicMs, type Payer, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import type { ExternalPicker, HeaderMutation } from '../../plan/index.ts';
import type {
  CallEvents,
  CallOptions,
  GrpcClientCall,
  GrpcConnection,
  GrpcStatus,
} from '../../wire/index.ts';
import { PickAnswer, type PickFailure, type PickOutcome, shown } from './pick-answer.ts';
import type { PickerClientParts } from './picker-client-parts.ts';
import { requestMessages, responseMessage } from './processing-request.ts';
import { ResponseAnswer } from './response-answer.ts';

/** Who asks: pays for what throws on the way of its question. */
export interface PlacementRequest extends Payer {
  readonly indexOf: ReadonlyMap<string, number>;
  /** With pseudo-headers: name (lower case), value, … */
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
  /** Once, maybe while the {@link Placement} is made; not after {@link Placement.end}. */
  readonly placed: (outcome: PickOutcome) => void;
}

/** The client that asks, as its questions see it. */
interface AskingClient {
  readonly picker: ExternalPicker;
  readonly parts: PickerClientParts;
  /** Of the call that a request is asked about with. */
  readonly process: CallOptions;
  /** An open connection to another endpoint; undefined: there is none. */
  another(than: GrpcConnection | undefined): GrpcConnection | undefined;
}

/** A connection that was lost: somebody else who is ready may be asked in its place. */
const ASK_ANOTHER: ReadonlySet<PickFailure> = new Set(['unavailable', 'broken-off']);

/**
 * One request at an external picker: a stream that begins with the question where to send it and ends with the request, so that
 * the picker can count what is in flight. After the answer nothing that happens to the stream touches the request.
 */
export class Placement implements CallEvents {
  readonly #client: AskingClient;
  readonly #request: PlacementRequest;
  #connection: GrpcConnection | undefined;
  #answer!: PickAnswer;
  #call: GrpcClientCall | undefined;
  #timer: Timer | undefined;
  #answered = false;
  /** The connection was there when it was asked. */
  #began = false;
  #told = false;
  #askedAnother = false;
  #response: ResponseAnswer | undefined;

  constructor(client: AskingClient, connection: GrpcConnection | undefined, request: PlacementRequest) {
    this.#client = client;
    this.#request = request;
    const { pickTimeoutMs } = client.parts;
    this.#timer = startTimerFor(request, pickTimeoutMs, () => {
      this.#connection?.probe();
      this.#fail('timeout', `no answer within ${pickTimeoutMs} ms`);
    });
    this.#ask(connection);
  }

  /**
   * Tells the picker which endpoint answered.
   * @param changed told once, what the picker does to the headers of the response; undefined: it says nothing in time, or no sense
   * @returns whether `changed` will be called; not after {@link end}
   */
  responded(
    status: number,
    headers: readonly string[],
    served: string,
    changed: (changes: HeaderMutation | undefined) => void,
  ): boolean {
    if (this.#told || this.#answer.skipResponse || this.#call === undefined) return false;
    this.#told = true;
    this.#response = new ResponseAnswer(
      headers,
      (changes, problem) => {
        this.#response = undefined;
        if (problem !== undefined) this.#warn(problem.kind, problem.detail);
        changed(changes);
      },
      this.#request,
    );
    this.#call.send([responseMessage(status, headers, served)]);
    return true;
  }

  /** The request is over. */
  end(): void {
    stopTimer(this.#timer);
    this.#response?.forget();
    this.#response = undefined;
    const call = this.#call;
    this.#call = undefined;
    if (this.#answered) call?.end();
    else call?.cancel();
    this.#answered = true;
  }

  #ask(connection: GrpcConnection | undefined): void {
    this.#connection = connection;
    this.#began = connection?.isOpen === true;
    const { headers, body, indexOf } = this.#request;
    const { maxBodyBytes } = this.#client.parts;
    const hasBody = body !== undefined && body.length > 0;
    this.#answer = new PickAnswer({ indexOf, headers, hasBody, maxBodyBytes });
    let call: GrpcClientCall | undefined;
    try {
      call = connection?.call(this.#client.process, this);
    } catch (error) {
      // The connection was lost, and its event has not come yet.
      this.#fail('unavailable', error instanceof Error ? error.message : String(error));
      return;
    }
    if (call === undefined) {
      const { length } = this.#client.picker.endpoints;
      this.#fail('unavailable', length === 0 ? 'it has no ready endpoints' : 'there is no connection to it');
      return;
    }
    this.#call = call;
    call.send(requestMessages(headers, body));
  }

  /** @internal Of the call. */
  message(bytes: Buffer): void {
    if (this.#answered) {
      this.#response?.receive(bytes);
      return;
    }
    const outcome = this.#answer.receive(bytes);
    if (outcome === undefined) return;
    if (outcome.kind === 'failed') this.#fail(outcome.failure, outcome.detail);
    else {
      const { counters } = this.#client.parts;
      counters.count(outcome.kind);
      if (outcome.kind === 'placed') this.#warnOfRefused(outcome.refused.outside, outcome.refused.malformed);
      else this.#call?.end();
      this.#give(outcome);
    }
  }

  /** Of a list some can be used: those go first, the rest is told all the same. */
  #warnOfRefused(outside: readonly string[], malformed: readonly string[]): void {
    if (outside.length > 0)
      this.#note('outside-pool', `it names ${shown(outside)}, which the pool does not have`);
    if (malformed.length > 0)
      this.#note('malformed', `it names ${shown(malformed)}, which is no ADDRESS:PORT`);
  }

  /** @internal Of the call. */
  closed({ code, message }: GrpcStatus): void {
    const reason = `gRPC status ${code}${message === '' ? '' : ` (${message})`}`;
    this.#call = undefined;
    this.#response?.close();
    if (this.#answered) return;
    if (this.#began) this.#fail('broken-off', `the stream ended before it had answered: ${reason}`);
    else this.#fail('unavailable', reason);
  }

  /** @internal Something threw on the way of an answer: the request pays for it. */
  fault(thrown: unknown): void {
    this.#request.fault(thrown);
  }

  #fail(failure: PickFailure, detail: string): void {
    this.#note(failure, detail);
    this.#call?.cancel();
    this.#call = undefined;
    const another = ASK_ANOTHER.has(failure) ? this.#client.another(this.#connection) : undefined;
    if (another === undefined || this.#askedAnother || this.#answered)
      this.#give({ kind: 'failed', failure, detail });
    else {
      this.#askedAnother = true;
      this.#ask(another);
    }
  }

  #note(failure: PickFailure, detail: string): void {
    this.#client.parts.counters.count(failure);
    this.#warn(failure, detail);
  }

  #warn(kind: string, detail: string): void {
    const { picker, parts } = this.#client;
    const at = this.#connection === undefined ? '' : `${this.#connection.authority}: `;
    parts.log.warn(picker.name, kind, `${at}${detail}`, monotonicMs());
  }

  #give(outcome: PickOutcome): void {
    stopTimer(this.#timer);
    if (this.#answered) return;
    this.#answered = true;
    this.#request.placed(outcome);
  }
}

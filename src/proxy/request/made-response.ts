import { makesResponse, ResponseIdReader } from '../../dialect/index.ts';
import { headerValue } from '../../request/index.ts';
import { ChunkedScanner } from '../http1/chunked.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { ResponseFraming } from '../http1/upstream/try-events.ts';

/** The first bytes of an answer that makes a response (POST /v1/responses), looked at while they pass. */
export class MadeResponse {
  readonly #reader = new ResponseIdReader();
  readonly #scanner: ChunkedScanner | undefined;
  readonly #made: (id: string) => void;

  private constructor(framing: ResponseFraming, made: (id: string) => void) {
    this.#made = made;
    this.#scanner =
      framing === 'chunked'
        ? new ChunkedScanner((bytes, from, to) => this.#look(bytes.subarray(from, to), false))
        : undefined;
  }

  /** @returns undefined where no response is made, or it cannot be read. @param made called once, with its id */
  static of(
    request: RequestHead,
    { status, headers }: ResponseHead,
    framing: ResponseFraming,
    made: (id: string) => void,
  ): MadeResponse | undefined {
    if (status < 200 || status > 299 || framing === 'none' || request.method !== 'POST') return undefined;
    if (!makesResponse(request.method, request.target) || headerValue(headers, 'content-encoding') !== '')
      return undefined;
    return new MadeResponse(framing, made);
  }

  /** @param bytes of the body, with its framing; good chunks: they were looked at before */
  push(bytes: Buffer | undefined, end: boolean): void {
    if (this.#reader.over) return;
    if (bytes !== undefined) {
      if (this.#scanner === undefined) this.#look(bytes, false);
      else this.#scanner.push(bytes);
    }
    if (end) this.#look(NOTHING, true);
  }

  #look(bytes: Buffer, end: boolean): void {
    const id = this.#reader.push(bytes, end);
    if (id !== '') this.#made(id);
  }
}

const NOTHING = Buffer.alloc(0);

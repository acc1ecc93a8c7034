import { makesResponse, ResponseIdReader } from '../../dialect/index.ts';
import { headerValue } from '../../request/index.ts';
import type { BodyForm } from '../codec/body-form.ts';
import type { RequestHead } from '../codec/request-head.ts';
import type { ResponseHead } from '../codec/response-head.ts';
import type { UpstreamStream } from '../codec/upstream-stream.ts';

/** The first bytes of an answer that makes a response (POST /v1/responses), looked at while they pass. */
export class MadeResponse {
  readonly #reader = new ResponseIdReader();
  readonly #made: (id: string) => void;
  /** What passes is payload. */
  readonly #passes: boolean;

  private constructor(form: BodyForm, made: (id: string) => void) {
    this.#passes = form !== 'framed';
    this.#made = made;
  }

  /** @returns undefined where no response is made, or it cannot be read. @param made called once, with its id */
  static of(
    request: RequestHead,
    { status, headers }: ResponseHead,
    form: BodyForm,
    from: UpstreamStream | undefined,
    made: (id: string) => void,
  ): MadeResponse | undefined {
    if (status < 200 || status > 299 || form === 'none' || form === 'unsent') return undefined;
    if (request.method !== 'POST') return undefined;
    if (!makesResponse(request.method, request.target) || headerValue(headers, 'content-encoding') !== '')
      return undefined;
    const response = new MadeResponse(form, made);
    if (form === 'framed') from?.watch((bytes, from, to) => response.#look(bytes.subarray(from, to), false));
    return response;
  }

  /** @param bytes as they pass */
  push(bytes: Buffer | undefined, end: boolean): void {
    if (bytes !== undefined && this.#passes) this.#look(bytes, false);
    if (end) this.#look(NOTHING, true);
  }

  #look(bytes: Buffer, end: boolean): void {
    if (this.#reader.over) return;
    const id = this.#reader.push(bytes, end);
    if (id !== '') this.#made(id);
  }
}

const NOTHING = Buffer.alloc(0);

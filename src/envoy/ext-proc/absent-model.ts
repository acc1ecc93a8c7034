import { MAX_ABSENT_BYTES, saysModelAbsent } from '../../dialect/index.ts';
import type { BodyPart, ResponseHeaders } from './message.ts';

/** The body of a 404 as it passes: it may say that the endpoint does not have the model. */
export class AbsentModel {
  #body: Buffer = Buffer.alloc(0);

  /** @returns whether the body is whole, and says so */
  push({ body, endOfStream }: BodyPart<'response-body'>): boolean {
    if (this.#body.length + body.length > MAX_ABSENT_BYTES) return false;
    this.#body = Buffer.concat([this.#body, body]);
    return endOfStream && saysModelAbsent(this.#body);
  }
}

/**
 * @param namesModel the request is for a model that the endpoint may not have
 * @returns what looks at the body of an endpoint's answer; undefined where that says nothing of a model
 */
export function absentModel(
  { status, contentLength }: ResponseHeaders,
  namesModel: boolean,
): AbsentModel | undefined {
  const isShort = contentLength > 0 && contentLength <= MAX_ABSENT_BYTES;
  if (status !== 404 || !isShort || !namesModel) return undefined;
  return new AbsentModel();
}

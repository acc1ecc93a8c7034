import { asked, modelHeaderValue } from '../dialect/index.ts';
import type { Asker } from './asker.ts';

/**
 * What the headers by which routes are chosen say of the model that a body asks for, on both planes.
 * @param body all of it
 * @returns undefined: it asks for none that a header can say
 */
export function routedModel(
  body: Buffer,
  says: Pick<Asker, 'contentType' | 'contentEncoding'>,
): string | undefined {
  return body.length === 0 ? undefined : modelHeaderValue(asked(body, says).model);
}

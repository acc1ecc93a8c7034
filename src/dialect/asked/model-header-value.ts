import { MAX_NAME_BYTES } from './found-values.ts';

/** What both planes can send and match as it stands: visible ASCII (RFC 9110 section 5.5), with spaces inside. */
const SAYABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * A model's name as the value of a header, for routes to match on.
 * @param model of {@link Asked}
 * @returns undefined where there is none, where it cannot stand in a header, or may have been cut
 */
export function modelHeaderValue(model: string): string | undefined {
  return model.length < MAX_NAME_BYTES && SAYABLE.test(model) ? model : undefined;
}

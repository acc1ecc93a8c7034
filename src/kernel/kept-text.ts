/** Of what somebody else wrote, decisions, logs and events keep so many characters. */
export const KEPT_CHARACTERS = 200;

/**
 * A text of a client's, to be kept: cut, and as a string of its own. What JavaScript cuts out of a text keeps all of that text in
 * memory: a request id its whole head, the begin of a name of two megabytes all of it.
 */
export function keptText(text: string): string {
  return ownText(text.length <= KEPT_CHARACTERS ? text : `${text.slice(0, KEPT_CHARACTERS)}…`);
}

/** The same of a text that is a string of its own already. */
export function cutText(text: string): string {
  return text.length <= KEPT_CHARACTERS ? text : keptText(text);
}

function ownText(text: string): string {
  return Buffer.from(text).toString();
}

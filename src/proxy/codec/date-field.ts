let dateText = '';
let dateSecond = 0;

/** IMF-fixdate of now, made once a second (RFC 9110 section 5.6.7). */
export function dateField(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

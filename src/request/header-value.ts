/**
 * Value of a header, as it came; '' without one.
 * @param headers names in lower case and values by turns
 */
export function headerValue(headers: readonly string[], name: string): string {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1] as string;
  return '';
}

/** One server-sent event with a JSON object. */
export function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** The event that ends every stream. */
export const DONE = 'data: [DONE]\n\n';

import type { Dialect } from './dialect.ts';

/** An error as clients of a dialect read it, as JSON. @param param the field that it is about */
export function errorBody(
  { error }: Dialect,
  status: number,
  type: string,
  message: string,
  param: string | null = null,
): string {
  return JSON.stringify(error(status, type, message, param));
}

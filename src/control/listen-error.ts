import { BreakwaterError } from '../kernel/breakwater-error.ts';

const CODES: ReadonlySet<string | undefined> = new Set(['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES']);

/** An error of listen(2) as one that says which address cannot be had, and what to do; any other as it is. */
export function listenError(cause: unknown): unknown {
  const { code, address, port, message } = cause as NodeJS.ErrnoException & Record<string, unknown>;
  if (!CODES.has(code) || port === undefined) return cause;
  return new BreakwaterError('BW_ADDRESS_IN_USE', `${address}:${port}: ${message}`, { cause });
}

import type { Address } from '../processes.ts';

/** Port of all model servers of the bench, as vLLM's. */
const PORT = 8000;

/** The four model servers behind every gateway. */
export const ENDPOINTS: readonly Address[] = loopback('127.1.0', 4);

/** The hundred that an idle gateway looks after. */
export const MANY_ENDPOINTS: readonly Address[] = loopback('127.2.0', 100);

function loopback(network: string, count: number): Address[] {
  return Array.from({ length: count }, (_, index) => ({ host: `${network}.${index + 1}`, port: PORT }));
}

import type { EnvoyReport } from '../decision.ts';

/** What Envoy says of a request that was served. */
export const ENVOY_REPORT: EnvoyReport = {
  upstream: '127.0.0.1:1',
  status: 200,
  flags: [],
  details: 'via_upstream',
  durationMs: 1500,
  firstByteMs: 500,
  requestBytes: 10,
  responseBytes: 1000,
  attempts: 1,
  failure: undefined,
};

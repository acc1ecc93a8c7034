import type { Scenario } from '../support/scenario.ts';
import { BACKEND_TLS } from './backend-tls.ts';
import { BAD } from './bad-requests.ts';
import { BREAKERS } from './breakers.ts';
import { CHANGES } from './changes.ts';
import { CLIENT_CERTIFICATES } from './client-certificates.ts';
import { CORS } from './cors.ts';
import { DECISIONS } from './decisions.ts';
import { ELSEWHERE } from './elsewhere.ts';
import { EVENT_STREAMS } from './event-streams.ts';
import { FAILURES } from './failures.ts';
import { HEADERS } from './headers.ts';
import { HEALTH } from './health.ts';
import { LISTENER_SETS } from './listener-sets.ts';
import { LOCAL_REPLIES } from './local-replies.ts';
import { MODEL_HEADER } from './model-header.ts';
import { NAMES } from './names.ts';
import { PANIC } from './panic.ts';
import { PATHS_TABLE } from './paths.ts';
import { POOL_BODIES } from './pool-bodies.ts';
import { POOLS } from './pools.ts';
import { REFUSED_POLICIES } from './refused-policies.ts';
import { REWRITES } from './rewrites.ts';
import { ROUTING } from './routing.ts';
import { STREAM_LIMITS } from './stream-limits.ts';
import { STREAMS } from './streams.ts';
import { TLS } from './tls.ts';
import { TRAFFIC } from './traffic.ts';
import { TRIES } from './tries.ts';
import { UPGRADES } from './upgrades.ts';

/** Every scenario, by what it is about. */
export const ALL: readonly (readonly [title: string, scenarios: readonly Scenario[]])[] = [
  ['Circuit breakers', BREAKERS],
  ['Routing', ROUTING],
  ['Rewrites and redirects', REWRITES],
  ['Shares and mirrors', TRAFFIC],
  ['Retries, time-outs, faults', TRIES],
  ['What is sent elsewhere', ELSEWHERE],
  ['What fails', FAILURES],
  ['Time-outs of streams', STREAM_LIMITS],
  ['Health and slow clients', HEALTH],
  ['Too few healthy endpoints', PANIC],
  ['Host names', NAMES],
  ['Headers', HEADERS],
  ['Cross-origin requests', CORS],
  ['Answers of the gateway', LOCAL_REPLIES],
  ['Bodies, events, connections', STREAMS],
  ['Events', EVENT_STREAMS],
  ['WebSockets', UPGRADES],
  ['TLS', TLS],
  ['ListenerSets', LISTENER_SETS],
  ['Client certificates', CLIENT_CERTIFICATES],
  ['TLS to backends', BACKEND_TLS],
  ['Pools', POOLS],
  ['Bodies for pools', POOL_BODIES],
  ['Decisions', DECISIONS],
  ['Routes by model', MODEL_HEADER],
  ['Plan changes', CHANGES],
  ['Paths', PATHS_TABLE],
  ['Bad requests', BAD],
  ['Policies that are not served', REFUSED_POLICIES],
];

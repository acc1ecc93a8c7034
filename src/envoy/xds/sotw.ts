import { create } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import {
  type DiscoveryRequest,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from '../gen/envoy/service/discovery/v3/discovery_pb.ts';
import type { Send } from './type-sequence.ts';
import type { TypeState } from './type-state.ts';
import { isFullSet } from './types.ts';
import { answered, type Dialect, type StreamEvent } from './xds-dialect.ts';

/**
 * State of the world: each request holds all names that are asked for; a response for listeners or clusters holds all of them,
 * what it lacks is removed; a response for other types may hold only what has changed.
 */
export const SOTW: Dialect<DiscoveryRequest, DiscoveryResponse> = { delta: false, read, write };

function read(state: TypeState, request: DiscoveryRequest): StreamEvent[] {
  const first = !state.asked;
  // "The management server should not send a DiscoveryResponse for any DiscoveryRequest that has a stale nonce."
  // Whoever sent it answers the newer response as well, with its names of then.
  if (!first && request.responseNonce !== state.lastNonce) return [{ kind: 'stale', type: state.type }];
  state.asked = true;
  if (first) {
    state.answerDue = isFullSet(state.type);
    state.claim = request.versionInfo;
  }
  const events = first ? [] : answered(state, request.errorDetail);
  subscribe(state, request.resourceNames, first);
  return events;
}

/** Without names a first request asks for everything, and so do the next ones until there are names; `*` does so by name. */
function subscribe(state: TypeState, names: readonly string[], first: boolean): void {
  if (isFullSet(state.type)) {
    const implicit = names.length === 0 && (first || (state.wildcard && state.names.size === 0));
    state.wildcard = implicit || names.includes('*');
  }
  state.names.clear();
  for (const name of names) if (name !== '*') state.names.add(name);
  for (const name of [...state.held.keys()]) if (!state.wants(name)) state.forget(name);
}

function write(
  state: TypeState,
  typeUrl: string,
  { changes }: Send,
  nonce: string,
  nowMs: number,
): DiscoveryResponse {
  const versionInfo = state.sent(changes, nonce, nowMs);
  const resources = isFullSet(state.type) ? everything(state) : changes.changed.map(({ body }) => body);
  return create(DiscoveryResponseSchema, { versionInfo, resources, typeUrl, nonce });
}

/** What is to go later is still among it. */
function everything(state: TypeState): Any[] {
  const bodies: Any[] = [];
  for (const { resource } of state.held.values()) if (resource !== undefined) bodies.push(resource.body);
  return bodies;
}

import { create } from '@bufbuild/protobuf';
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
  ResourceSchema,
} from '../gen/envoy/service/discovery/v3/discovery_pb.ts';
import type { Send } from './type-sequence.ts';
import type { TypeState } from './type-state.ts';
import { isFullSet } from './types.ts';
import { answered, type Dialect, type StreamEvent } from './xds-dialect.ts';

/** Incremental: requests say what is asked for anew and no longer; responses hold what has changed and names of what has gone. */
export const DELTA: Dialect<DeltaDiscoveryRequest, DeltaDiscoveryResponse> = { delta: true, read, write };

function read(state: TypeState, request: DeltaDiscoveryRequest): StreamEvent[] {
  const { resourceNamesSubscribe: more, resourceNamesUnsubscribe: less } = request;
  if (!state.asked) {
    state.asked = true;
    begin(state, more, request.initialResourceVersions);
    return [];
  }
  const events = answer(state, request);
  for (const name of less) unsubscribe(state, name);
  for (const name of more) subscribe(state, name);
  return events;
}

/** A peer that comes back says which version it has of what; that much is not sent again. */
function begin(state: TypeState, names: readonly string[], versions: Readonly<Record<string, string>>): void {
  state.wildcard = isFullSet(state.type) && (names.length === 0 || names.includes('*'));
  for (const name of names) if (name !== '*') state.names.add(name);
  for (const [name, version] of Object.entries(versions))
    if (state.wants(name)) state.held.set(name, { version });
  state.answerDue = state.wildcard && state.held.size === 0;
}

/** A request without a nonce only changes what is asked for; so does one with an old nonce. */
function answer(state: TypeState, request: DeltaDiscoveryRequest): StreamEvent[] {
  if (request.responseNonce === '') return [];
  if (request.responseNonce !== state.outstanding?.nonce) return [{ kind: 'stale', type: state.type }];
  return answered(state, request.errorDetail);
}

/** "A resource_names_subscribe field may contain resource names that the server believes the client is already subscribed to": it is sent again. */
function subscribe(state: TypeState, name: string): void {
  if (name === '*') {
    state.wildcard = isFullSet(state.type);
    return;
  }
  state.names.add(name);
  if (state.held.has(name)) state.again.add(name);
}

function unsubscribe(state: TypeState, name: string): void {
  if (name !== '*') {
    state.names.delete(name);
    // Still asked for by `*`: the client has dropped it and must hear of it again.
    if (state.wildcard && state.held.has(name)) state.again.add(name);
    else state.forget(name);
    return;
  }
  state.wildcard = false;
  for (const held of [...state.held.keys()]) if (!state.names.has(held)) state.forget(held);
}

function write(
  state: TypeState,
  typeUrl: string,
  { changes }: Send,
  nonce: string,
  nowMs: number,
): DeltaDiscoveryResponse {
  const systemVersionInfo = state.sent(changes, nonce, nowMs);
  const resources = changes.changed.map(({ name, version, body }) =>
    create(ResourceSchema, { name, version, resource: body }),
  );
  return create(DeltaDiscoveryResponseSchema, {
    systemVersionInfo,
    resources,
    removedResources: [...changes.gone],
    typeUrl,
    nonce,
  });
}

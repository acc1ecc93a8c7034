import type { Model } from '../../plan/index.ts';
import type { BodyMode, PickerReply, ProxyMessage, RequestHeaders } from './message.ts';
import { PickStream } from './pick-stream.ts';
import { CLUSTER, type PlanOptions, pickerForTest } from './picker-state-for-test.ts';

export const MODEL: Model = {
  source: { kind: 'InferenceModel', namespace: 'default', name: 'm' },
  modelName: 'm',
  criticality: 'Critical',
  targetModels: [{ name: 'm-v2', weight: 1 }],
};

export function headers(fields: Partial<RequestHeaders> = {}): RequestHeaders {
  return {
    kind: 'request-headers',
    endOfStream: false,
    method: 'POST',
    requestId: 'id',
    target: '/v1/chat/completions',
    contentType: 'application/json',
    contentEncoding: '',
    contentLength: -1,
    objective: '',
    explain: false,
    operator: false,
    upgrade: false,
    modes: undefined,
    subset: undefined,
    ...fields,
  };
}

export const mode = (request: BodyMode) => ({ modes: { request, response: 'NONE' } as const });
export const body = (text: string, endOfStream = true): ProxyMessage => ({
  kind: 'request-body',
  body: Buffer.from(text),
  endOfStream,
});

/** A picker, and streams about its one cluster. */
export function bench(options: PlanOptions = {}, bounds = {}) {
  const state = pickerForTest(options, bounds);
  const open = () => new PickStream(state.context, state.cluster(CLUSTER)!, 0);
  const inUse = () => {
    const { limits, endpoints } = state.snapshot();
    return {
      permits: limits.reduce((sum, scope) => sum + scope.active, 0),
      inFlight: endpoints.reduce((sum, endpoint) => sum + endpoint.inFlight, 0),
      bodies: state.context.bodies.heldBytes,
    };
  };
  return { state, open, inUse, close: () => state.close() };
}

export const NOTHING_HELD = { permits: 0, inFlight: 0, bodies: 0 };
export const CHAT = '{"model":"m","messages":[{"role":"user","content":"hello"}]}';
export const kinds = (replies: readonly PickerReply[]) => replies.map(reply => `${reply.kind}`);

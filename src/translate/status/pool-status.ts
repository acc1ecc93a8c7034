import type { InferenceModel, KubeObject } from '../../api/index.ts';
import { Conditions } from '../condition.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import { type ModelVerdict, nameInUse } from '../pool/model.ts';
import { POOL_GROUP_V1 } from '../pool/pool-key.ts';
import type { PoolContext } from '../pool/translate-pool.ts';
import { compareText } from '../precedence.ts';
import { GATEWAY_GROUP } from '../translation-context.ts';
import { acceptedOnceTaken, type PlaneView } from './plane-view.ts';
import { type StatusEntry, statusEntry } from './status-entry.ts';

/** Through which Gateways a pool is reached, and whether a route to it was accepted there. */
export type PoolParents = Map<PoolContext, Map<GatewayContext, boolean>>;

/** InferencePoolStatus.parents: at most 32. */
const MAX_PARENTS = 32;

export function poolStatus(pool: PoolContext, parents: PoolParents, view: PlaneView): StatusEntry {
  const { object, pickerResolution, unsupported, passedOver } = pool;
  const gateways = [...(parents.get(pool) ?? new Map<GatewayContext, boolean>())].sort(([a], [b]) =>
    compareText(gatewayKey(a), gatewayKey(b)),
  );
  const isV1 = pool.group === POOL_GROUP_V1;
  const entries = gateways.slice(0, MAX_PARENTS).map(([{ gateway, controllerName }, accepted]) => {
    const conditions = new Conditions(object.metadata.generation ?? 0);
    if (unsupported !== undefined)
      conditions.set('Accepted', 'False', 'NotSupportedByParent', unsupported.message);
    else if (accepted) {
      const message = 'InferencePool has been accepted by the Gateway';
      const but = passedOver === undefined ? '' : `, but not all of it has an effect: ${passedOver}`;
      conditions.set('Accepted', 'True', 'Accepted', message + but);
    } else {
      const message = 'Every HTTPRoute that refers to the InferencePool was rejected by the Gateway';
      conditions.set('Accepted', 'False', 'HTTPRouteNotAccepted', message);
    }
    const { resolved, message } = pickerResolution;
    conditions.set(
      'ResolvedRefs',
      resolved ? 'True' : 'False',
      resolved ? 'ResolvedRefs' : 'InvalidExtensionRef',
      message,
    );
    const { namespace, name } = gateway.metadata;
    return {
      parentRef: { group: GATEWAY_GROUP, kind: 'Gateway', namespace, name },
      // Since v1.5 of the Inference Extension.
      ...(isV1 ? { controllerName } : {}),
      conditions: acceptedOnceTaken(conditions, view),
    };
  });
  // v1alpha2 calls the list `parent` (InferencePoolStatus of v0.5.1).
  return statusEntry(object, isV1 ? { parents: entries } : { parent: entries });
}

export function modelStatus(model: InferenceModel, verdict: ModelVerdict, view: PlaneView): StatusEntry {
  const conditions = new Conditions(model.metadata.generation ?? 0);
  switch (verdict.kind) {
    case 'accepted':
      conditions.set('Accepted', 'True', 'Accepted', `Model ${model.spec.modelName} is served by the pool`);
      break;
    case 'name-in-use':
      conditions.set('Accepted', 'False', 'ModelNameInUse', nameInUse(model, verdict.by));
      break;
    case 'pool-not-found':
      conditions.set('Accepted', 'Unknown', 'Pending', verdict.message);
      break;
  }
  return statusEntry(model, { conditions: acceptedOnceTaken(conditions, view) });
}

function gatewayKey({ gateway }: { readonly gateway: KubeObject }): string {
  return `${gateway.metadata.namespace}/${gateway.metadata.name}`;
}

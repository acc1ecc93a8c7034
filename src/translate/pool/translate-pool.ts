import type { InferencePoolV1, InferencePoolV1Alpha2, Pod } from '../../api/index.ts';
import type { Model, Pool, PoolEndpoint } from '../../plan/index.ts';
import type { PodIndex } from '../backend/pod-index.ts';
import type { ServiceEndpoints } from '../backend/service-endpoints.ts';
import { compareText } from '../precedence.ts';
import { objectRef } from '../problem.ts';
import type { Context } from '../translation-context.ts';
import { checkMetrics, metricsOf } from './metrics-annotations.ts';
import { modelsByPool } from './model.ts';
import { objectivesByPool } from './objective.ts';
import { POOL_GROUP_V1, POOL_GROUP_V1ALPHA2, poolKey } from './pool-key.ts';
import { type PickerRef, type PickerResolution, resolvePicker } from './pool-picker.ts';
import { type PoolPlugins, poolPlugins } from './pool-plugins.ts';

/** What the dialects of InferencePool have in common. */
interface PoolSpec {
  readonly object: InferencePoolV1 | InferencePoolV1Alpha2;
  readonly group: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly picker: PickerRef | undefined;
}

export interface PoolContext extends PoolSpec {
  readonly plan: Pool;
  readonly pickerResolution: PickerResolution;
  /** Its endpoints speak HTTP/2 in plain text. */
  readonly http2: boolean;
  /** Why it cannot be served as it is; undefined: it can. */
  readonly unsupported: Unsupported | undefined;
  /** What of it has no effect, while it is served; undefined: nothing. */
  readonly passedOver: string | undefined;
}

export interface Unsupported {
  readonly reason: 'UnsupportedProtocol' | 'UnsupportedValue';
  readonly message: string;
}

/** All InferencePools, found by group and name. */
export class PoolCatalog {
  readonly #pools = new Map<string, PoolContext>();

  constructor(context: Context, pods: PodIndex, services: ServiceEndpoints) {
    const v1 = context.set.list('InferencePoolV1').map(fromV1);
    const v1Names = new Set(v1.map(({ object }) => `${object.metadata.namespace}/${object.metadata.name}`));
    const models = modelsByPool(context);
    const objectives = objectivesByPool(context);
    for (const spec of [...v1, ...context.set.list('InferencePoolV1Alpha2').map(fromV1Alpha2)]) {
      const key = poolKey(spec.group, spec.object.metadata.namespace ?? '', spec.object.metadata.name);
      const shared = `${spec.object.metadata.namespace}/${spec.object.metadata.name}`;
      // Two pools of one name in two API groups: the older API's gets a longer name.
      const name =
        spec.group === POOL_GROUP_V1ALPHA2 && v1Names.has(shared) ? `${shared}.${spec.group}` : shared;
      const pickerResolution = resolvePicker(context, services, spec.object, spec.picker);
      const plugins = poolPlugins(context, spec.object);
      const plan: Pool = {
        name,
        source: objectRef(spec.object),
        endpoints: endpointsOf(spec, pods),
        models: models.get(key) ?? [],
        ...(objectives.has(key) ? { objectives: objectives.get(key)! } : {}),
        ...defaultCriticality(spec, models.get(key)),
        failureMode: spec.picker?.failureMode ?? 'FailClose',
        ...(plugins.uses.length === 0 ? {} : { plugins: plugins.uses }),
        ...(pickerResolution.picker ? { externalPicker: pickerResolution.picker } : {}),
      };
      const http2 = 'appProtocol' in spec.object.spec && spec.object.spec.appProtocol === 'kubernetes.io/h2c';
      const unsupported = unsupportedOf(context, spec, http2, plugins);
      const { passedOver } = plugins;
      this.#pools.set(key, { ...spec, plan, pickerResolution, http2, unsupported, passedOver });
      checkSelector(context, spec, pods);
      checkMetrics(context, pods.ready(spec.object.metadata.namespace ?? '', spec.selector));
    }
  }

  get(group: string, namespace: string, name: string): PoolContext | undefined {
    return this.#pools.get(poolKey(group, namespace, name));
  }

  list(): PoolContext[] {
    return [...this.#pools.values()];
  }
}

function fromV1(object: InferencePoolV1): PoolSpec {
  const { selector, targetPorts, endpointPickerRef: ref } = object.spec;
  return {
    object,
    group: POOL_GROUP_V1,
    selector: selector.matchLabels ?? {},
    ports: targetPorts.map(port => port.number),
    picker: ref && {
      field: 'endpointPickerRef',
      group: ref.group ?? '',
      kind: ref.kind ?? 'Service',
      name: ref.name,
      port: ref.port?.number,
      failureMode: ref.failureMode ?? 'FailClose',
    },
  };
}

/**
 * In v1 a request without an InferenceObjective has priority 0, which is never shed (InferenceObjectiveSpec.priority). Where
 * there are InferenceModels, what none of them names is sheddable, as in Inference Extension v0.5.1.
 */
function defaultCriticality(
  { group }: PoolSpec,
  models: readonly Model[] | undefined,
): { readonly defaultCriticality?: 'Standard' } {
  return group === POOL_GROUP_V1 && models === undefined ? { defaultCriticality: 'Standard' } : {};
}

/** The picker's port where it is not said (v1alpha2 ExtensionReference.portNumber). */
const DEFAULT_PICKER_PORT = 9002;

function fromV1Alpha2(object: InferencePoolV1Alpha2): PoolSpec {
  const { selector, targetPortNumber, extensionRef: ref } = object.spec;
  return {
    object,
    group: POOL_GROUP_V1ALPHA2,
    selector,
    ports: [targetPortNumber],
    picker: ref && {
      field: 'extensionRef',
      group: ref.group ?? '',
      kind: ref.kind ?? 'Service',
      name: ref.name,
      port: ref.portNumber ?? DEFAULT_PICKER_PORT,
      failureMode: ref.failureMode ?? 'FailClose',
    },
  };
}

/** Ready Pods × target ports. */
function endpointsOf({ object, selector, ports }: PoolSpec, pods: PodIndex): PoolEndpoint[] {
  const endpoints: PoolEndpoint[] = [];
  for (const pod of pods.ready(object.metadata.namespace ?? '', selector)) {
    for (const port of ports) endpoints.push(endpointOf(pod, port, ports));
  }
  return endpoints.sort((a, b) => compareText(a.address, b.address) || a.port - b.port);
}

function endpointOf(pod: Pod, port: number, ports: readonly number[]): PoolEndpoint {
  const address = pod.status!.podIP!;
  return {
    id: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    address,
    port,
    pod: `${pod.metadata.namespace}/${pod.metadata.name}`,
    labels: pod.metadata.labels ?? {},
    ...metricsOf(pod, port, ports),
  };
}

function unsupportedOf(
  { plane, problems }: Context,
  { object }: PoolSpec,
  http2: boolean,
  { refused }: PoolPlugins,
): Unsupported | undefined {
  if (http2 && plane !== 'envoy') {
    problems.error('field-without-effect', object, ['spec', 'appProtocol'], UNSUPPORTED);
    return { reason: 'UnsupportedProtocol', message: UNSUPPORTED };
  }
  return refused === undefined ? undefined : { reason: 'UnsupportedValue', message: refused };
}

const UNSUPPORTED =
  'appProtocol kubernetes.io/h2c is not supported by the embedded data plane, whose connections to endpoints are HTTP/1.1; Envoy speaks it';

function checkSelector({ problems }: Context, { object, selector }: PoolSpec, pods: PodIndex): void {
  if (pods.couldMatch(object.metadata.namespace ?? '', selector)) return;
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const message = `selector ${labels.join(',') || '(empty)'} matches no Pod and no Deployment's Pods in namespace ${object.metadata.namespace}`;
  problems.error('pool-matches-nothing', object, ['spec', 'selector'], message);
}

import { ageSince } from './printed-age.ts';
import { compact, conditionStatus, type Obj, text, valueAt, valuesAt } from './printed-fields.ts';

/** A column of a kind's table, as kubectl prints it from its own printers or from the CRD's additionalPrinterColumns. */
interface Column {
  readonly header: string;
  readonly cell: (object: Obj, nowMs: number) => string;
  /** Only with `-o wide`. */
  readonly wide?: boolean;
}

const column = (header: string, cell: (object: Obj, nowMs: number) => string): Column => ({ header, cell });
const wide = (header: string, cell: (object: Obj, nowMs: number) => string): Column => ({
  header,
  cell,
  wide: true,
});
const field = (header: string, ...path: string[]): Column =>
  column(header, object => text(valueAt(object, path)));

const NAME = column('NAME', object => object.metadata.name);
const AGE = column('AGE', (object, nowMs) =>
  ageSince(valueAt(object, ['metadata', 'creationTimestamp']), nowMs),
);

/** A CRD without additionalPrinterColumns. */
const DEFAULT_COLUMNS: readonly Column[] = [NAME, AGE];

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  GatewayClass: [
    NAME,
    field('CONTROLLER', 'spec', 'controllerName'),
    column('ACCEPTED', object => conditionStatus(object, 'Accepted')),
    AGE,
    wide('DESCRIPTION', object => text(valueAt(object, ['spec', 'description']))),
  ],
  Gateway: [
    NAME,
    field('CLASS', 'spec', 'gatewayClassName'),
    column('ADDRESS', object => valuesAt(object, ['status', 'addresses', 'value']).map(text).join(',')),
    column('PROGRAMMED', object => conditionStatus(object, 'Programmed')),
    AGE,
  ],
  ListenerSet: [
    NAME,
    column('ACCEPTED', object => conditionStatus(object, 'Accepted')),
    column('PROGRAMMED', object => conditionStatus(object, 'Programmed')),
    AGE,
  ],
  HTTPRoute: [
    NAME,
    // The API server prints a list of a jsonpath column as JSON.
    column('HOSTNAMES', object => compact(valueAt(object, ['spec', 'hostnames']))),
    AGE,
  ],
  InferenceModel: [
    NAME,
    field('MODEL NAME', 'spec', 'modelName'),
    field('INFERENCE POOL', 'spec', 'poolRef', 'name'),
    field('CRITICALITY', 'spec', 'criticality'),
    AGE,
  ],
  InferenceObjective: [
    NAME,
    field('INFERENCE POOL', 'spec', 'poolRef', 'name'),
    field('PRIORITY', 'spec', 'priority'),
    AGE,
  ],
  Backend: [NAME, column('STATUS', object => text(conditionReason(object, 'Accepted'))), AGE],
  Pod: [
    NAME,
    column('READY', object => {
      const statuses = valuesAt(object, ['status', 'containerStatuses']);
      const ready = statuses.filter(status => valueAt(status, ['ready']) === true).length;
      const all = valuesAt(object, ['spec', 'containers']).length || statuses.length;
      return `${ready}/${all}`;
    }),
    column('STATUS', podStatus),
    column('RESTARTS', object =>
      String(
        valuesAt(object, ['status', 'containerStatuses', 'restartCount']).reduce<number>(
          (sum, count) => sum + (typeof count === 'number' ? count : 0),
          0,
        ),
      ),
    ),
    AGE,
    wide('IP', object => text(valueAt(object, ['status', 'podIP'])) || '<none>'),
    wide('NODE', object => text(valueAt(object, ['spec', 'nodeName'])) || '<none>'),
    wide('NOMINATED NODE', () => '<none>'),
    wide('READINESS GATES', () => '<none>'),
  ],
  Deployment: [
    NAME,
    column('READY', object => {
      const want = valueAt(object, ['spec', 'replicas']) ?? 1;
      return `${text(valueAt(object, ['status', 'readyReplicas'])) || '0'}/${text(want)}`;
    }),
    column('UP-TO-DATE', object => text(valueAt(object, ['status', 'updatedReplicas'])) || '0'),
    column('AVAILABLE', object => text(valueAt(object, ['status', 'availableReplicas'])) || '0'),
    AGE,
    wide('CONTAINERS', object => containers(object, 'name')),
    wide('IMAGES', object => containers(object, 'image')),
    wide('SELECTOR', object => labels(valueAt(object, ['spec', 'selector', 'matchLabels']))),
  ],
  Service: [
    NAME,
    column('TYPE', object => text(valueAt(object, ['spec', 'type'])) || 'ClusterIP'),
    column('CLUSTER-IP', object => text(valueAt(object, ['spec', 'clusterIP'])) || '<none>'),
    column(
      'EXTERNAL-IP',
      object => valuesAt(object, ['spec', 'externalIPs']).map(text).join(',') || '<none>',
    ),
    column(
      'PORT(S)',
      object =>
        valuesAt(object, ['spec', 'ports'])
          .map(port => `${text(valueAt(port, ['port']))}/${text(valueAt(port, ['protocol'])) || 'TCP'}`)
          .join(',') || '<none>',
    ),
    AGE,
    wide('SELECTOR', object => labels(valueAt(object, ['spec', 'selector']))),
  ],
  EndpointSlice: [
    NAME,
    field('ADDRESSTYPE', 'addressType'),
    column('PORTS', object => valuesAt(object, ['ports', 'port']).map(text).join(',') || '<unset>'),
    column(
      'ENDPOINTS',
      object => valuesAt(object, ['endpoints', 'addresses']).map(text).join(',') || '<unset>',
    ),
    AGE,
  ],
  ConfigMap: [NAME, column('DATA', object => entries(object)), AGE],
  Secret: [
    NAME,
    column('TYPE', object => text(valueAt(object, ['type'])) || 'Opaque'),
    column('DATA', entries),
    AGE,
  ],
  ServiceAccount: [NAME, column('SECRETS', object => String(valuesAt(object, ['secrets']).length)), AGE],
  Namespace: [NAME, column('STATUS', object => text(valueAt(object, ['status', 'phase'])) || 'Active'), AGE],
};

export function columnsOf(kind: string, withWide: boolean): readonly Column[] {
  return (COLUMNS[kind] ?? DEFAULT_COLUMNS).filter(entry => withWide || entry.wide !== true);
}

function conditionReason(object: Obj, type: string): unknown {
  return valueAt(
    valuesAt(object, ['status', 'conditions']).find(condition => valueAt(condition, ['type']) === type),
    ['reason'],
  );
}

function podStatus(pod: Obj): string {
  if (valueAt(pod, ['metadata', 'deletionTimestamp']) !== undefined) return 'Terminating';
  const waiting = valuesAt(pod, ['status', 'containerStatuses', 'state', 'waiting', 'reason'])[0];
  return (
    text(waiting ?? valueAt(pod, ['status', 'reason']) ?? valueAt(pod, ['status', 'phase'])) || 'Unknown'
  );
}

function containers(object: Obj, name: string): string {
  return valuesAt(object, ['spec', 'template', 'spec', 'containers', name]).map(text).join(',');
}

export function labels(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '<none>';
  const pairs = Object.entries(value).map(([key, label]) => `${key}=${text(label)}`);
  return pairs.sort().join(',') || '<none>';
}

function entries(object: Obj): string {
  const count = (of: unknown) => (typeof of === 'object' && of !== null ? Object.keys(of).length : 0);
  return String(count(object['data']) + count(object['binaryData']) + count(object['stringData']));
}

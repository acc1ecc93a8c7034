import { hostname } from 'node:os';
import { BREAKWATER, type KubeObject } from '../../api/index.ts';
import type { ApiServer } from '../../cluster/api-server/index.ts';
import type { ObjectWriter } from '../../cluster/apply/index.ts';
import type { CertificateStore } from '../../cluster/certificates/index.ts';
import { CARRIER_TIMES, Elector, LEASE_TIMES } from '../../cluster/election/index.ts';
import { EventWriter } from '../../cluster/events/index.ts';
import type { ClusterSource } from '../../cluster/source/index.ts';
import { ownershipOf, StatusWriter, withheldKinds } from '../../cluster/status/index.ts';
import { newId } from '../../kernel/index.ts';
import type { PlaneKind } from '../../plan/index.ts';
import type { Cycle } from '../cycle.ts';
import { clusterEvents } from './cluster-events.ts';
import type { Contested } from './contested.ts';
import { EmbeddedInfrastructure } from './embedded-infrastructure.ts';
import { EnvoyInfrastructure } from './envoy-infrastructure.ts';
import { GatewayCertificates } from './gateway-certificates.ts';
import type { OwnPod } from './own-pod.ts';

const LEASE_NAME = 'breakwater-controller';

export interface LeadingOptions {
  readonly server: ApiServer;
  readonly source: Pick<ClusterSource, 'unreadable' | 'refused'>;
  /** GatewayClasses that another controller answers for as well. */
  readonly contested: () => readonly Contested[];
  readonly leaseNamespace: string;
  readonly controllerNames: readonly string[];
  readonly plane: PlaneKind;
  /** Of the control plane of Envoys; undefined: Envoys need none. */
  readonly certificates: CertificateStore | undefined;
  /** The Pod that Services lead to; undefined outside of a cluster, where Gateways have none. */
  readonly pod: OwnPod | undefined;
  /** Namespaces that Gateways are served in; all when empty. */
  readonly gatewayNamespaces: readonly string[];
  /** Name of the one in the Pod's namespace that leads to xDS. */
  readonly service: string;
  readonly xdsPort: number;
  /** Services may lead to this Pod. */
  readonly mayCarry: () => boolean;
  /** It leads from now on, or does not any more. */
  readonly onLeads: (leads: boolean) => void;
  readonly notice: (message: string, severity: 'info' | 'warning') => void;
}

/** What only the leader does: statuses and Events of several replicas would differ in what their planes have taken. */
export class Leading {
  readonly elector: Elector;
  readonly statuses: StatusWriter;
  readonly events: EventWriter;
  readonly infrastructure: EmbeddedInfrastructure | EnvoyInfrastructure | undefined;
  readonly #certificates: GatewayCertificates | undefined;
  readonly #options: LeadingOptions;
  readonly #leftOut = new Map<KubeObject, number>();
  #cycle: Cycle | undefined;
  #withheld = '';

  constructor(options: LeadingOptions) {
    this.#options = options;
    const { server, leaseNamespace, controllerNames, notice } = options;
    const warn = (message: string) => notice(message, 'warning');
    const token = newId();
    const instance = options.pod?.name ?? hostname();
    const identity = `${instance}_${token}`;
    let elector: Elector | undefined;
    const mayWrite = () => elector?.leads === true;
    this.statuses = new StatusWriter({
      server,
      fieldManager: BREAKWATER,
      mayWrite,
      onProblem: warn,
      onLeftOut: (object, count) => this.#setLeftOut(object, count),
    });
    this.events = new EventWriter({
      server,
      reporter: { controller: controllerNames[0] ?? '', instance },
      mayWrite,
      onProblem: warn,
    });
    this.infrastructure = this.#makeInfrastructure(mayWrite, warn);
    const { certificates } = options;
    this.#certificates =
      certificates &&
      new GatewayCertificates({
        server,
        fieldManager: BREAKWATER,
        controllerName: controllerNames[0] ?? '',
        certificates,
        mayWrite,
        onProblem: warn,
      });
    this.elector = elector = new Elector({
      // Services lead to the leader's own Pod on the embedded plane: without one there is no traffic, and each move costs.
      ...(options.plane === 'embedded' && options.pod !== undefined
        ? { ...CARRIER_TIMES, waitsAfterFailure: true }
        : LEASE_TIMES),
      server,
      namespace: leaseNamespace,
      name: LEASE_NAME,
      identity,
      token,
      onChange: leads => {
        notice(leads ? `leads as ${identity}` : 'does not lead any more', 'info');
        options.onLeads(leads);
        if (!leads) return;
        this.#certificates?.look();
        this.infrastructure?.resume();
        this.statuses.resume();
        this.#tell();
      },
      onProblem: warn,
    });
  }

  #makeInfrastructure(mayWrite: () => boolean, onProblem: (message: string) => void) {
    const { server, controllerNames, plane, pod, gatewayNamespaces, service, xdsPort } = this.#options;
    if (pod === undefined) return undefined;
    const controllerName = controllerNames[0] ?? '';
    const common = {
      server,
      fieldManager: BREAKWATER,
      controllerName,
      namespaces: gatewayNamespaces,
      mayWrite,
      onProblem,
    };
    if (plane === 'embedded')
      return new EmbeddedInfrastructure({
        ...common,
        pod,
        mayWrite: () => mayWrite() && this.#options.mayCarry(),
      });
    return new EnvoyInfrastructure({
      ...common,
      bootstrap: {
        xdsHost: `${service}.${pod.namespace}.svc`,
        xdsPort,
      },
    });
  }

  /** Statuses and Events are to be as this cycle says. */
  take(cycle: Cycle): void {
    const { source, controllerNames, notice } = this.#options;
    const { set, statuses } = cycle;
    this.#cycle = cycle;
    const withheld = withheldKinds(set, source.unreadable());
    const said = [...withheld].join(', ');
    if (said !== this.#withheld && said !== '')
      notice(
        `${source.unreadable().join(', ')} cannot be read: no statuses of ${said} until then`,
        'warning',
      );
    if (said !== this.#withheld && said === '')
      notice('all kinds can be read: all statuses are written', 'info');
    this.#withheld = said;
    for (const object of this.#leftOut.keys()) if (!isIn(cycle, object)) this.#leftOut.delete(object);
    // Of Gateways that are not known to be gone, nothing is removed.
    if (!withheld.has('Gateway')) {
      this.#certificates?.want(cycle);
      this.infrastructure?.want(cycle);
    }
    const contested = new Set(
      this.#options.contested().map(({ gatewayClass }) => gatewayClass.metadata.name),
    );
    this.statuses.want(set, statuses, ownershipOf(set, controllerNames, contested), withheld);
    this.#tell();
  }

  /** What was written of what Gateways are made of. */
  get objectWrites(): ObjectWriter['counts'] {
    const sum = { applied: 0, deleted: 0, conflicts: 0, failed: 0 };
    for (const { counts } of this.#objectWriters())
      for (const outcome of Object.keys(sum) as (keyof typeof sum)[]) sum[outcome] += counts[outcome];
    return sum;
  }

  /** Of that, objects that are not what they should be. */
  get objectsWaiting(): number {
    return this.#objectWriters().reduce((sum, { waiting }) => sum + waiting, 0);
  }

  #objectWriters(): ObjectWriter[] {
    return [this.infrastructure, this.#certificates].flatMap(each => each?.writer ?? []);
  }

  async close(): Promise<void> {
    this.#certificates?.close();
    this.statuses.close();
    this.events.close();
    await this.infrastructure?.close();
  }

  #setLeftOut(object: KubeObject, count: number): void {
    for (const other of this.#leftOut.keys()) if (isSame(other, object)) this.#leftOut.delete(other);
    if (count > 0) this.#leftOut.set(object, count);
    this.#tell();
  }

  #tell(): void {
    if (this.#cycle === undefined || !this.elector.leads) return;
    const { source, controllerNames } = this.#options;
    const subjects = {
      controllerNames,
      unreadable: source.unreadable(),
      refused: source.refused(),
      contested: this.#options.contested(),
      leftOut: this.#leftOut,
    };
    this.events.want(clusterEvents({ ...subjects, cycle: this.#cycle }));
  }
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return (
    a.kind === b.kind &&
    a.apiVersion === b.apiVersion &&
    a.metadata.name === b.metadata.name &&
    a.metadata.namespace === b.metadata.namespace
  );
}

function isIn({ set }: Cycle, object: KubeObject): boolean {
  return set.all().some(other => isSame(other, object));
}

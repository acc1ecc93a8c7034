import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  type DiscoveryRequest,
  DiscoveryRequestSchema,
  type DiscoveryResponse,
} from '../gen/envoy/service/discovery/v3/discovery_pb.ts';
import { TYPE_URLS, typeOfUrl, type XdsType } from './types.ts';
import { type Parsed, parse } from './world-for-test.ts';

type Kept = Parsed & { readonly version: string };

/** What an Envoy knows and when it answers, in both forms of the protocol. It lives longer than its streams. */
abstract class ModelEnvoy<Request, Response> {
  readonly has: Record<XdsType, Map<string, Kept>> = {
    cluster: new Map(),
    endpoints: new Map(),
    secret: new Map(),
    listener: new Map(),
    route: new Map(),
  };
  /** Clusters that wait for endpoints; the one before still serves. */
  readonly warming = new Map<string, Kept>();
  readonly asked: Record<XdsType, Set<string>> = {
    cluster: new Set(),
    endpoints: new Set(),
    secret: new Set(),
    listener: new Set(),
    route: new Set(),
  };
  outbox: Request[] = [];
  /** Types of the responses so far. */
  readonly received: XdsType[] = [];
  /** Answers for clusters that wait until none is warming, as Envoy's do. */
  #held: (() => void)[] = [];

  abstract connect(): void;
  abstract receive(response: Response): void;
  /** Says that what is asked for has changed. */
  protected abstract ask(type: XdsType, names: ReadonlySet<string>): void;

  /** A new stream: what was under way is lost, what is known is kept. */
  protected reset(): void {
    this.outbox = [];
    this.#held = [];
  }

  protected take(
    type: XdsType,
    bodies: readonly (readonly [Any, string])[],
    gone: readonly string[],
    answer: (error?: string) => void,
  ): void {
    this.received.push(type);
    const bad: string[] = [];
    for (const name of gone) {
      this.has[type].delete(name);
      if (type === 'cluster') this.warming.delete(name);
      if (type === 'endpoints') this.#warm(name);
    }
    for (const [body, version] of bodies) {
      const parsed = { ...parse(body), version };
      const { name, bytes } = parsed;
      if (type !== 'cluster' && type !== 'listener' && !this.asked[type].has(name)) continue;
      if (parsed.bad) bad.push(name);
      else if (type !== 'cluster') this.has[type].set(name, parsed);
      else if ((this.warming.get(name) ?? this.has.cluster.get(name))?.bytes !== bytes)
        this.warming.set(name, parsed);
      if (type === 'endpoints') this.#warm(name);
    }
    this.#subscribe();
    const send = () =>
      answer(bad.length === 0 ? undefined : `Error adding/updating ${bad.join(', ')}: refused`);
    if (type === 'cluster' && this.warming.size > 0) this.#held.push(send);
    else send();
    this.#release();
  }

  #warm(name: string): void {
    const cluster = this.warming.get(name);
    if (cluster === undefined) return;
    this.has.cluster.set(name, cluster);
    this.warming.delete(name);
  }

  #release(): void {
    if (this.warming.size > 0) return;
    for (const send of this.#held.splice(0)) send();
  }

  #subscribe(): void {
    const clusters = new Set([...this.has.cluster.keys(), ...this.warming.keys()]);
    const routes = new Set([...this.has.listener.values()].flatMap(({ refers }) => refers));
    for (const [type, names] of [
      ['endpoints', clusters],
      ['route', routes],
    ] as const) {
      if (equal(this.asked[type], names)) continue;
      for (const name of [...this.has[type].keys()]) if (!names.has(name)) this.has[type].delete(name);
      this.ask(type, names);
      this.asked[type] = names;
    }
  }

  /** Clusters that a route names and that are not there. */
  dangling(): string[] {
    const named = [...this.has.route.values()].flatMap(({ refers }) => refers);
    return named.filter(name => !this.has.cluster.has(name));
  }
}

export class SotwEnvoy extends ModelEnvoy<DiscoveryRequest, DiscoveryResponse> {
  readonly #versions = new Map<XdsType, string>();
  readonly #nonces = new Map<XdsType, string>();

  override connect(): void {
    this.reset();
    this.#nonces.clear();
    for (const type of ['cluster', 'endpoints', 'listener', 'route'] as const) {
      if (type === 'cluster' || type === 'listener' || this.asked[type].size > 0)
        this.ask(type, this.asked[type]);
    }
  }

  override ask(type: XdsType, names: ReadonlySet<string>): void {
    this.#send(type, { resourceNames: [...names] });
  }

  #send(type: XdsType, more: MessageInitShape<typeof DiscoveryRequestSchema>): void {
    const versionInfo = this.#versions.get(type) ?? '';
    const responseNonce = this.#nonces.get(type) ?? '';
    this.outbox.push(
      create(DiscoveryRequestSchema, { typeUrl: TYPE_URLS[type], versionInfo, responseNonce, ...more }),
    );
  }

  override receive({ typeUrl, versionInfo, nonce, resources }: DiscoveryResponse): void {
    const type = typeOfUrl(typeUrl)!;
    const kept = new Set(resources.map(body => parse(body).name));
    const whole = type === 'cluster' || type === 'listener';
    const had = [...this.has[type].keys(), ...(type === 'cluster' ? this.warming.keys() : [])];
    const gone = whole ? had.filter(name => !kept.has(name)) : [];
    this.take(
      type,
      resources.map(body => [body, versionInfo] as const),
      gone,
      message => {
        if (message === undefined) this.#versions.set(type, versionInfo);
        this.#nonces.set(type, nonce);
        const errorDetail = message === undefined ? {} : { errorDetail: { code: 13, message } };
        this.#send(type, { resourceNames: [...this.asked[type]], ...errorDetail });
      },
    );
  }
}

export class DeltaEnvoy extends ModelEnvoy<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  readonly #begun = new Set<XdsType>();

  override connect(): void {
    this.reset();
    this.#begun.clear();
    for (const type of ['cluster', 'endpoints', 'listener', 'route'] as const) {
      if (type === 'cluster' || type === 'listener' || this.asked[type].size > 0)
        this.#begin(type, this.asked[type]);
    }
  }

  #begin(type: XdsType, names: ReadonlySet<string>): void {
    this.#begun.add(type);
    const kept = [...this.has[type].values()].map(({ name, version }) => [name, version] as const);
    const initialResourceVersions = Object.fromEntries(kept);
    if (type === 'cluster')
      for (const { name, version } of this.warming.values()) initialResourceVersions[name] = version;
    this.#send(type, { resourceNamesSubscribe: [...names], initialResourceVersions });
  }

  override ask(type: XdsType, names: ReadonlySet<string>): void {
    if (!this.#begun.has(type)) {
      this.#begin(type, names);
      return;
    }
    const before = this.asked[type];
    this.#send(type, {
      resourceNamesSubscribe: [...names].filter(name => !before.has(name)),
      resourceNamesUnsubscribe: [...before].filter(name => !names.has(name)),
    });
  }

  #send(type: XdsType, more: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): void {
    this.outbox.push(create(DeltaDiscoveryRequestSchema, { typeUrl: TYPE_URLS[type], ...more }));
  }

  override receive({ typeUrl, nonce, resources, removedResources }: DeltaDiscoveryResponse): void {
    const type = typeOfUrl(typeUrl)!;
    const bodies = resources.map(({ resource, version }) => [resource!, version] as const);
    this.take(type, bodies, removedResources, message => {
      const errorDetail = message === undefined ? {} : { errorDetail: { code: 13, message } };
      this.#send(type, { responseNonce: nonce, ...errorDetail });
    });
  }
}

function equal(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every(name => other.has(name));
}

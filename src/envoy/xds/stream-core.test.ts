import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from '../gen/envoy/service/discovery/v3/discovery_pb.ts';
import { DELTA } from './delta.ts';
import { DeltaEnvoy, SotwEnvoy } from './envoy-for-test.ts';
import { SOTW } from './sotw.ts';
import { StreamCore } from './stream-core.ts';
import { typeOfUrl } from './types.ts';
import { parse, snapshotOf, type World, worlds } from './world-for-test.ts';
import type { StreamEvent } from './xds-dialect.ts';

type Step = 'to-envoy' | 'to-server' | 'reconnect' | World;

interface Peer<Request, Response> {
  outbox: Request[];
  connect(): void;
  receive(response: Response): void;
  dangling(): string[];
}

/** An Envoy, the server's side of its stream, and what is on the way between them. */
class Wire<Request extends { readonly typeUrl: string }, Response> {
  readonly #peer: Peer<Request, Response>;
  readonly #make: () => StreamCore<Request, Response>;
  #core: StreamCore<Request, Response>;
  #world: World | undefined;
  #inFlight: Response[] = [];
  readonly events: StreamEvent[] = [];

  constructor(peer: Peer<Request, Response>, make: () => StreamCore<Request, Response>) {
    this.#peer = peer;
    this.#make = make;
    this.#core = make();
    peer.connect();
  }

  get core(): StreamCore<Request, Response> {
    return this.#core;
  }

  step(step: Step): boolean {
    if (step === 'reconnect') return this.#reconnect();
    if (step === 'to-envoy') return this.#toEnvoy();
    if (step === 'to-server') return this.#toServer();
    this.#world = step;
    this.#core.snapshot = snapshotOf(step);
    this.#flush();
    return true;
  }

  #reconnect(): boolean {
    this.#core = this.#make();
    this.#inFlight = [];
    this.#peer.connect();
    if (this.#world !== undefined) this.#core.snapshot = snapshotOf(this.#world);
    return true;
  }

  #toEnvoy(): boolean {
    const response = this.#inFlight.shift();
    if (response === undefined) return false;
    this.#peer.receive(response);
    return true;
  }

  #toServer(): boolean {
    const request = this.#peer.outbox.shift();
    if (request === undefined) return false;
    this.events.push(...this.#core.receive(typeOfUrl(request.typeUrl)!, request));
    this.#flush();
    return true;
  }

  #flush(): void {
    this.#inFlight.push(...this.#core.responses(0));
  }

  settle(check: () => void): void {
    for (let count = 0; this.#toServer() || this.#toEnvoy(); count += 1) {
      assert.ok(count < 1000, 'never quiet');
      check();
    }
  }
}

const peers = {
  sotw() {
    const envoy = new SotwEnvoy();
    return {
      envoy,
      wire: new Wire<DiscoveryRequest, DiscoveryResponse>(envoy, () => new StreamCore(SOTW, 1)),
    };
  },
  delta() {
    const envoy = new DeltaEnvoy();
    return {
      envoy,
      wire: new Wire<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(envoy, () => new StreamCore(DELTA, 1)),
    };
  },
};

function steps(revisions: number, ...more: Step[]): fc.Arbitrary<Step[]> {
  const messages = fc.constantFrom<Step>('to-envoy', 'to-server', 'to-envoy', 'to-server', ...more);
  return fc.array(fc.oneof({ weight: 6, arbitrary: messages }, { weight: 1, arbitrary: worlds(revisions) }), {
    maxLength: 60,
  });
}

/** What an Envoy should have in the end: what a listener's chain of references reaches. */
function reached(world: World): string[] {
  const { cluster, endpoints, listener, route } = snapshotOf(world);
  const routes = new Set(Object.values(world.listeners).flat());
  const wanted = [
    ...cluster.values(),
    ...endpoints.values(),
    ...listener.values(),
    ...[...route.values()].filter(({ name }) => routes.has(name)),
  ];
  return wanted
    .map(({ body }) => parse(body))
    .map(({ type, name, bytes }) => `${type} ${name} ${bytes}`)
    .sort();
}

function known(envoy: SotwEnvoy | DeltaEnvoy): string[] {
  const kept = Object.values(envoy.has).flatMap(of => [...of.values()]);
  return kept.map(({ type, name, bytes }) => `${type} ${name} ${bytes}`).sort();
}

function none({ clusters, listeners }: World): string[] {
  const empty = (of: object) => Object.keys(of).length === 0;
  return [...(empty(clusters) ? ['cluster'] : []), ...(empty(listeners) ? ['listener'] : [])];
}

for (const [name, make] of Object.entries(peers)) {
  test(`${name}: in any order of messages, snapshots and reconnects an Envoy ends with the last snapshot`, () => {
    fc.assert(
      fc.property(steps(2, 'reconnect'), worlds(2), (before, last) => {
        const { envoy, wire } = make();
        for (const step of before) wire.step(step);
        wire.step(last);
        wire.settle(() => {});
        assert.deepEqual(known(envoy), reached(last));
        assert.ok(wire.core.settled());
        assert.deepEqual(wire.core.rejections(), []);
      }),
      { numRuns: 300 },
    );
  });

  test(`${name}: no route ever names a cluster that is not there`, () => {
    fc.assert(
      fc.property(steps(2), worlds(2), (before, last) => {
        const { envoy, wire } = make();
        const check = () => assert.deepEqual(envoy.dangling(), []);
        for (const step of [...before, last]) {
          wire.step(step);
          check();
        }
        wire.settle(check);
      }),
      { numRuns: 300 },
    );
  });

  test(`${name}: a reconnect with an unchanged snapshot sends nothing`, () => {
    fc.assert(
      fc.property(steps(2), worlds(2), (first, last) => {
        const { envoy, wire } = make();
        for (const step of [...first, last]) wire.step(step);
        wire.settle(() => {});
        const before = envoy.received.length;
        const has = known(envoy);
        wire.step('reconnect');
        wire.settle(() => {});
        assert.deepEqual(known(envoy), has);
        const more = envoy.received.slice(before);
        // An Envoy without any cluster has no versions to show and is told again that there are none (delta). The version of
        // endpoints and routes covers names that have been given up since: the same may be sent again (state of the world).
        const may = name === 'delta' ? none(last) : ['endpoints', 'route'];
        assert.deepEqual(
          more.filter(type => !may.includes(type)),
          [],
        );
        assert.ok(wire.core.settled());
      }),
      { numRuns: 300 },
    );
  });

  test(`${name}: what an Envoy refuses is reported by name, and the rest takes effect`, () => {
    fc.assert(
      fc.property(steps(3, 'reconnect'), worlds(3), (before, last) => {
        const { envoy, wire } = make();
        for (const step of before) wire.step(step);
        wire.step(last);
        wire.settle(() => {});
        const bad = Object.entries(last.clusters)
          .filter(([, revision]) => revision === 3)
          .map(([cluster]) => cluster);
        assert.deepEqual(
          wire.core
            .rejections()
            .map(({ name: of }) => of)
            .sort(),
          bad.sort(),
        );
        const good = reached(last).filter(
          line =>
            !bad.some(
              cluster => line.startsWith(`cluster ${cluster} `) || line.startsWith(`endpoints ${cluster} `),
            ),
        );
        const has = new Set(known(envoy));
        assert.deepEqual(
          good.filter(line => !has.has(line)),
          [],
        );
      }),
      { numRuns: 300 },
    );
  });
}

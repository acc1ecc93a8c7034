import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DecisionView, EndpointView, LimitView } from '../../../src/admin/wire.ts';
import type { Up, Workplace } from '../../e2e/cli-process.ts';
import { until } from '../../support/until.ts';

/** A client that has left is noticed, a scrape has come round, within this. */
const PATIENCE_MS = 60_000;

/** A running `breakwater up`: where clients reach it, and what it says of itself. */
export class Gateway {
  readonly place: Workplace;
  readonly up: Up;
  /** `http://IP:PORT` */
  readonly url: string;
  readonly admin: string;

  private constructor(place: Workplace, up: Up, url: string, admin: string) {
    this.place = place;
    this.up = up;
    this.url = url;
    this.admin = admin;
  }

  /** Runs the manifests; each call needs a name of its own within the workplace. */
  static async start(
    place: Workplace,
    name: string,
    manifests: string,
    args: readonly string[] = [],
  ): Promise<Gateway> {
    const folder = join(place.folder, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'manifests.yaml'), manifests);
    return Gateway.run(place, [folder, ...args]);
  }

  /** @param args of `up -f` */
  static async run(place: Workplace, args: readonly string[]): Promise<Gateway> {
    const up = await place.up(['-f', ...args, '--workers', '2']);
    const [, url = ''] = await up.until(/on (http:\/\/[\d.:]+)/);
    const [, admin = ''] = await up.until(/Admin API\s+(\S+)/);
    return new Gateway(place, up, url, admin);
  }

  get baseURL(): string {
    return `${this.url}/v1`;
  }

  endpoints(): Promise<EndpointView[]> {
    return this.#view('/v1/endpoints');
  }

  limits(): Promise<LimitView[]> {
    return this.#view('/v1/limits');
  }

  decision(requestId: string): Promise<DecisionView> {
    return this.#view(`/v1/decisions/${requestId}`);
  }

  /** Waits until every endpoint looks like this. */
  untilEndpoints(what: string, test: (endpoint: EndpointView) => boolean): Promise<void> {
    return this.#until(what, endpoints => endpoints.length > 0 && endpoints.every(test));
  }

  /** Waits until the model servers have so many requests together. */
  untilInFlight(count: number): Promise<void> {
    return this.#until(
      `${count} requests in flight`,
      endpoints => endpoints.reduce((sum, { inFlight }) => sum + inFlight, 0) === count,
    );
  }

  async #until(what: string, test: (endpoints: readonly EndpointView[]) => boolean): Promise<void> {
    let endpoints: readonly EndpointView[] = [];
    await until(
      () => `${what}: ${JSON.stringify(endpoints)}`,
      async () => {
        endpoints = await this.endpoints();
        return test(endpoints);
      },
      PATIENCE_MS,
    );
  }

  /** Nothing is counted any more, and the model servers say so too. Idle connections are no use of maxConnections. */
  async untilAtRest(): Promise<void> {
    await this.untilEndpoints(
      'model servers without work',
      ({ inFlight, running = 0, waiting = 0 }) => inFlight === 0 && running === 0 && waiting === 0,
    );
    const inUse = (await this.limits()).flatMap(({ scope, limits }) =>
      limits
        .filter(limit => limit.name !== 'maxConnections' && limit.inUse !== 0)
        .map(limit => `${scope} ${limit.name} ${limit.inUse}`),
    );
    assert.deepEqual(inUse, [], 'counters at rest');
  }

  /** Of all limits, the refusals so far. */
  async refused(): Promise<number> {
    return (await this.limits())
      .flatMap(scope => scope.limits)
      .reduce((sum, { refused }) => sum + refused, 0);
  }

  async #view<T>(path: string): Promise<T> {
    const response = await fetch(this.admin + path);
    assert.equal(response.status, 200, `${path} of the admin API`);
    return (await response.json()) as T;
  }
}

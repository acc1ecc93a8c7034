import type { Up, Workplace } from '../../e2e/cli-process.ts';
import { freePort } from '../../support/free-port.ts';
import { until } from '../../support/until.ts';

/** A running `breakwater controller`, by its output and what it serves. */
export class ControllerRun {
  readonly up: Up;
  /** Where its one listener of port 80 is. */
  readonly port: number;

  constructor(up: Up, port: number) {
    this.up = up;
    this.port = port;
  }

  /** Its Leases are in `default`; its listeners bind loopback, port 80 on a free one. */
  static async start(
    place: Workplace,
    kubeconfig: string,
    ...more: readonly string[]
  ): Promise<ControllerRun> {
    const port = await freePort();
    const common = ['--kubeconfig', kubeconfig, '--lease-namespace', 'default', '--workers', '1'];
    const ports = ['--info-address', '127.0.0.1', '--info-port', '0', '--port-offset', `${port - 80}`];
    const admin = ['--admin-address', '127.0.0.1:0'];
    return new ControllerRun(
      place.start(['controller', ...common, ...ports, ...admin, ...more]).output,
      port,
    );
  }

  async leads(): Promise<void> {
    await until('it leads', () => this.matches(/leads as/), 60_000);
  }

  async ready(): Promise<void> {
    await until('it is ready', async () => (await this.info('/readyz')).status === 200 || undefined, 60_000);
  }

  matches(pattern: RegExp): true | undefined {
    return pattern.test(this.up.output) || undefined;
  }

  async info(path: string): Promise<Response> {
    const [, url = ''] = await this.up.until(/readiness and metrics {2}(\S+)/);
    return await fetch(`${url}${path}`);
  }

  async adminUrl(): Promise<string> {
    const [, url = ''] = await this.up.until(/admin API +(\S+)/);
    return url;
  }

  /** @param sample name and labels as they are written; 0 where it is missing */
  async figure(sample: string): Promise<number> {
    const text = await (await this.info('/metrics')).text();
    const line = text.split('\n').find(each => each.startsWith(`${sample} `));
    return Number(line?.slice(sample.length + 1) ?? 0);
  }

  written(): Promise<number> {
    return this.figure('breakwater_controller_status_writes_total{outcome="written"}');
  }

  /** Nothing is left to write. */
  async settled(withinMs = 60_000): Promise<void> {
    await until(
      'all statuses are written',
      async () => (await this.figure('breakwater_controller_status_waiting')) === 0 || undefined,
      withinMs,
    );
  }

  /** Status of an answer of its listener. */
  async request(host: string): Promise<number> {
    const { get } = await import('node:http');
    return await new Promise((resolve, reject) => {
      const request = get(
        { host: '127.0.0.1', port: this.port, path: '/', headers: { host }, agent: false },
        response => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('error', reject);
    });
  }
}

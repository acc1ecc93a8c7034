import type { JsonValue } from '@bufbuild/protobuf';
import type { Up, Workplace } from '../../e2e/cli-process.ts';
import { EnvoyProcess } from '../../support/envoy-process.ts';
import { freePort } from '../../support/free-port.ts';

/** Port of the listeners in the manifests. */
const LISTENER_PORT = 80;

/** `breakwater picker` as a process of its own; killed and started again on the same ports. */
export class PickerProcess {
  readonly #place: Workplace;
  readonly #args: readonly string[];
  readonly port: number;
  readonly metrics: string;
  #running: Up | undefined;

  private constructor(
    place: Workplace,
    file: string,
    ports: readonly [number, number, number],
    more: readonly string[],
  ) {
    const [port, health, metrics] = ports;
    this.#place = place;
    this.port = port;
    this.metrics = `http://127.0.0.1:${metrics}/metrics`;
    this.#args = [
      ...['picker', '-f', file, '--pool', 'default/pool', '--address', '127.0.0.1'],
      ...['--secure-serving=false', '--clear-route-cache', '--grpc-port', String(port)],
      ...['--grpc-health-port', String(health), '--metrics-port', String(metrics)],
      ...more,
    ];
  }

  /** @param more further flags */
  static async start(place: Workplace, file: string, more: readonly string[] = []): Promise<PickerProcess> {
    const ports = [await freePort(), await freePort(), await freePort()] as const;
    const made = new PickerProcess(place, file, ports, more);
    await made.start();
    return made;
  }

  async start(): Promise<void> {
    const { output } = this.#place.start(this.#args);
    this.#running = output;
    await output.until(/Ctrl-C ends it/);
  }

  get pid(): number {
    return this.#running?.child.pid ?? 0;
  }

  /** By SIGKILL. */
  async kill(): Promise<void> {
    await this.#running?.kill();
  }

  /** Permits in use of all scopes. */
  async inUse(): Promise<number> {
    const text = await (await fetch(this.metrics)).text();
    let sum = 0;
    for (const [, value] of text.matchAll(
      /^breakwater_limit_in_use\{.*limit="maxParallelRequests".*\} (\d+)$/gm,
    ))
      sum += Number(value);
    return sum;
  }
}

export interface StandaloneEnvoy {
  readonly envoy: EnvoyProcess;
  /** `ADDRESS:PORT` of its listener. */
  readonly gateway: string;
}

/** An Envoy that has its configuration from `translate --to envoy`. */
export async function standaloneEnvoy(
  place: Workplace,
  file: string,
  {
    picker,
    concurrency,
    listener = 'http',
  }: { readonly picker: number; readonly concurrency: number; readonly listener?: string },
): Promise<StandaloneEnvoy> {
  const port = await freePort();
  const { code, stdout, stderr } = await place.run([
    ...['translate', '-f', file, '--to', 'envoy', '-o', 'json', '--address', '127.0.0.1'],
    ...['--port-offset', String(port - LISTENER_PORT), '--picker', `127.0.0.1:${picker}`],
    ...['--envoy-admin', '127.0.0.1:0'],
  ]);
  if (code !== 0) throw new Error(stderr);
  const envoy = await EnvoyProcess.start(JSON.parse(stdout) as JsonValue, concurrency);
  await envoy.port(`default/gateway/${listener}`);
  return { envoy, gateway: `127.0.0.1:${port}` };
}

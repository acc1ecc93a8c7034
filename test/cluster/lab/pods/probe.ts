import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { checkHealth } from './grpc-health.ts';
import type { ContainerPort, HttpGet, Probe } from './pod.ts';

export interface ProbeTarget {
  readonly address: string;
  readonly ports: readonly ContainerPort[];
  /** Runs a command in the container; its exit code. */
  readonly exec: (command: readonly string[], signal: AbortSignal) => Promise<number>;
}

/** Asks once, as a kubelet does (core/v1 Probe). */
export async function probe(what: Probe, { address, ports, exec }: ProbeTarget): Promise<boolean> {
  const signal = AbortSignal.timeout((what.timeoutSeconds ?? 1) * 1000);
  try {
    if (what.httpGet !== undefined) return isGood(await get(what.httpGet, address, ports, signal));
    if (what.tcpSocket !== undefined)
      return await connects(numberOf(what.tcpSocket.port, ports), address, signal);
    if (what.grpc !== undefined)
      return await checkHealth(`${address}:${what.grpc.port}`, what.grpc.service ?? '', signal);
    if (what.exec !== undefined) return (await exec(what.exec.command, signal)) === 0;
    return true;
  } catch {
    return false;
  }
}

/** Status of a GET; its body is not waited for. */
export async function get(
  { path = '/', port, scheme = 'HTTP', host, httpHeaders = [] }: HttpGet,
  address: string,
  ports: readonly ContainerPort[],
  signal: AbortSignal,
): Promise<number> {
  const headers: Record<string, string> = { 'user-agent': 'kube-probe/lab' };
  for (const { name, value } of httpHeaders) headers[name] = value;
  const options = { host: host ?? address, port: numberOf(port, ports), path, headers, agent: false, signal };
  const request =
    scheme === 'HTTPS' ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
  request.end();
  try {
    const [response] = await once(request, 'response');
    return (response as { statusCode: number }).statusCode;
  } finally {
    request.on('error', () => undefined).destroy();
  }
}

function isGood(status: number): boolean {
  return status >= 200 && status < 400;
}

async function connects(port: number, address: string, signal: AbortSignal): Promise<boolean> {
  const socket = connect(port, address);
  try {
    await once(socket, 'connect', { signal });
    return true;
  } finally {
    socket.destroy();
  }
}

/** Ports may be named. */
function numberOf(port: number | string, ports: readonly ContainerPort[]): number {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { startTimer, stopTimer, timeoutSignal } from '../../kernel/index.ts';
import type { ActiveHealthCheck } from '../../plan/index.ts';
import { isUnverified } from '../../tls/index.ts';
import { askOnce, WireReader } from '../../wire/index.ts';

export interface ProbeTarget {
  readonly address: string;
  readonly port: number;
  /** Host header where the policy names none. */
  readonly host: string;
  /** Undefined: plain text. */
  readonly tls?: ConnectionOptions | undefined;
}

/**
 * Asks an endpoint how it is.
 * @returns why it is not well; undefined when it is
 * @throws Error when it cannot be asked: the check itself is wrong
 */
export function probe(policy: ActiveHealthCheck, target: ProbeTarget): Promise<string | undefined> {
  switch (policy.type) {
    case 'HTTP':
      return probeHttp(policy, target);
    case 'TCP':
      return probeTcp(policy, target);
    case 'GRPC':
      return probeGrpc(policy, target);
  }
}

function probeHttp(policy: ActiveHealthCheck, target: ProbeTarget): Promise<string | undefined> {
  const { path = '/', method = 'GET', hostname, expectedStatuses = [200] } = policy.http ?? {};
  return new Promise(resolve => {
    const asked = (target.tls === undefined ? request : requestTls)({
      ...unchecked(target.tls),
      host: target.address,
      port: target.port,
      path,
      method,
      agent: false,
      headers: { host: hostname ?? target.host, 'user-agent': 'breakwater/health-check' },
      signal: timeoutSignal(policy.timeoutMs),
    });
    asked.on('error', error => resolve(described(error, policy)));
    if (target.tls !== undefined) asked.on('socket', socket => checkOnceSecure(socket as TLSSocket));
    asked.on('response', response => {
      response.destroy();
      const { statusCode = 0 } = response;
      resolve(
        expectedStatuses.includes(statusCode)
          ? undefined
          : `${method} ${path} gave ${statusCode}, expected ${expectedStatuses.join(' or ')}`,
      );
    });
    asked.end();
  });
}

function probeTcp(
  policy: ActiveHealthCheck,
  { address, port, tls }: ProbeTarget,
): Promise<string | undefined> {
  return new Promise(resolve => {
    const at = { host: address, port };
    const socket = tls === undefined ? connect(at) : connectTls({ ...at, ...unchecked(tls) });
    const timer = startTimer(policy.timeoutMs, () => end(`no connection within ${policy.timeoutMs} ms`));
    const end = (failure: string | undefined) => {
      stopTimer(timer);
      socket.destroy();
      resolve(failure);
    };
    if (tls === undefined) socket.once('connect', () => end(undefined));
    else socket.once('secureConnect', () => end(isUnverified(socket as TLSSocket) ? NOT_VALID : undefined));
    socket.on('error', error => end(error.message));
  });
}

/** HealthCheckResponse { status = 1 }: ServingStatus (grpc.health.v1). */
const STATUS = 1;
const SERVING = 1;
/** A HealthCheckRequest without a service: the server as a whole. */
const WHOLE_SERVER = Buffer.alloc(0);
/** Nobody's answer has more. */
const MAX_ANSWER_BYTES = 1024;

async function probeGrpc(policy: ActiveHealthCheck, target: ProbeTarget): Promise<string | undefined> {
  const { address, port, tls } = target;
  const answer = await askOnce({ address, port, tls }, WHOLE_SERVER, {
    path: '/grpc.health.v1.Health/Check',
    authority: policy.http?.hostname ?? target.host,
    maxMessageBytes: MAX_ANSWER_BYTES,
    timeoutMs: policy.timeoutMs,
    secured: socket => (isUnverified(socket) ? NOT_VALID : undefined),
  });
  if ('failed' in answer) return answer.failed.message || `it answers with gRPC status ${answer.failed.code}`;
  return isServing(answer.message) ? undefined : 'the gRPC health service does not say SERVING';
}

function isServing(response: Buffer): boolean {
  let status = 0;
  try {
    const reader = new WireReader(response);
    while (reader.next())
      if (reader.field === STATUS) status = reader.varint();
      else reader.skip();
  } catch {
    return false;
  }
  return status === SERVING;
}

const NOT_VALID = 'its certificate is not valid';

/** The certificate is looked at when the handshake is over: see {@link isUnverified}. */
function unchecked(tls: ConnectionOptions | undefined): ConnectionOptions {
  return { ...tls, rejectUnauthorized: false };
}

function checkOnceSecure(socket: TLSSocket): void {
  socket.once('secureConnect', () => {
    if (isUnverified(socket)) socket.destroy(new Error(NOT_VALID));
  });
}

function described(error: Error, policy: ActiveHealthCheck): string {
  return error.name === 'TimeoutError' || error.name === 'AbortError'
    ? `no answer within ${policy.timeoutMs} ms`
    : error.message;
}

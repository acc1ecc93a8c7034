import { request } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { startTimer, stopTimer, timeoutSignal } from '../../kernel/index.ts';
import type { ActiveHealthCheck } from '../../plan/index.ts';
import { isUnverified } from '../../tls/index.ts';
import { addressId } from '../endpoint-id.ts';

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

/** HealthCheckResponse with status SERVING, after the length prefix (grpc.health.v1). */
const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
/** An empty HealthCheckRequest: the server as a whole. */
const EMPTY_REQUEST = Buffer.alloc(5);

function probeGrpc(policy: ActiveHealthCheck, target: ProbeTarget): Promise<string | undefined> {
  return new Promise(resolve => {
    const session =
      target.tls === undefined
        ? connectHttp2(`http://${addressId(target)}`)
        : connectHttp2(`https://${addressId(target)}`, { ...unchecked(target.tls), ALPNProtocols: ['h2'] });
    if (target.tls !== undefined)
      session.once('connect', (_, socket) => {
        if (isUnverified(socket as TLSSocket)) end(NOT_VALID);
      });
    const timer = startTimer(policy.timeoutMs, () => end(`no answer within ${policy.timeoutMs} ms`));
    const end = (failure: string | undefined) => {
      stopTimer(timer);
      session.destroy();
      resolve(failure);
    };
    session.on('error', error => end(error.message));
    const stream = requestOf(session, {
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      [constants.HTTP2_HEADER_AUTHORITY]: policy.http?.hostname ?? target.host,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const received: Buffer[] = [];
    let receivedBytes = 0;
    stream.on('data', (bytes: Buffer) => {
      receivedBytes += bytes.length;
      if (receivedBytes <= SERVING.length) received.push(bytes);
    });
    stream.on('error', error => end(error.message));
    stream.once('end', () =>
      end(
        receivedBytes === SERVING.length && Buffer.concat(received).equals(SERVING)
          ? undefined
          : 'the gRPC health service does not say SERVING',
      ),
    );
    stream.end(EMPTY_REQUEST);
  });
}

/** A request that cannot be made leaves no session behind. */
function requestOf(session: ClientHttp2Session, headers: OutgoingHttpHeaders): ClientHttp2Stream {
  try {
    return session.request(headers);
  } catch (error) {
    session.destroy();
    throw error;
  }
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

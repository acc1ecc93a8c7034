import { timingSafeEqual } from 'node:crypto';
import { maxHeaderSize } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Runtime } from '../control/runtime.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { addObjectRoutes } from './server-objects.ts';
import { addStateRoutes } from './server-state.ts';

export interface AdminServerOptions {
  readonly runtime: Runtime;
  /** Bearer token of what changes something or shows Secrets. */
  readonly token: string;
  /** `HOST:PORT`; absent: 127.0.0.1:19000, or a free port when that is taken. */
  readonly address?: string | undefined;
  /** Nothing can be changed by it, for this reason. */
  readonly readOnly?: string;
}

export interface AdminServer {
  readonly url: string;
  close(): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 19_000;
/** One `apply`: thousands of manifests. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/** Serves the admin API. Fastify is loaded here, so that commands without a server do not wait for it. */
export async function startAdminServer({
  runtime,
  token,
  address,
  readOnly,
}: AdminServerOptions): Promise<AdminServer> {
  const { fastify } = await import('fastify');
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: maxHeaderSize },
    // What the router itself refuses: a path that cannot be decoded.
    frameworkErrors: (error, _request, reply) => void sendError(reply, error),
  });
  const authorized = (request: FastifyRequest) => hasToken(request.headers.authorization, token);

  app.addHook('onRequest', async request => {
    // A web page cannot read this API across origins, unless it makes its own name resolve to this address.
    if (!isOwnHost(request.headers.host, address))
      throw new BreakwaterError(
        'BW_BAD_REQUEST',
        `Host "${request.headers.host ?? ''}" is not this server's address`,
      );
    if (request.method === 'GET' || request.method === 'HEAD') return;
    if (readOnly !== undefined) throw new BreakwaterError('BW_READ_ONLY', readOnly);
    if (!authorized(request))
      throw new BreakwaterError('BW_UNAUTHORIZED', 'expected the bearer token of the running Breakwater');
  });
  app.setErrorHandler(async (error, _request, reply) => await sendError(reply, error));
  app.setNotFoundHandler(async (request, reply) => {
    const error = new BreakwaterError('BW_BAD_REQUEST', `no such path: ${request.method} ${request.url}`);
    await reply
      .status(404)
      .send({ error: { code: error.code, message: error.message, action: error.action } });
  });
  addObjectRoutes(app, runtime, authorized);
  addStateRoutes(app, runtime, authorized);
  return { url: await listen(app, address), close: () => app.close() };
}

async function listen(app: FastifyInstance, address: string | undefined): Promise<string> {
  const wanted = address === undefined ? { host: DEFAULT_HOST, port: DEFAULT_PORT } : parseAddress(address);
  try {
    return await app.listen(wanted);
  } catch (cause) {
    if (address === undefined) return await app.listen({ host: DEFAULT_HOST, port: 0 });
    throw new BreakwaterError(
      'BW_ADDRESS_IN_USE',
      `--admin-address ${address}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]*)):)?(?<port>\d{1,5})$/.exec(address);
  const port = Number(match?.groups?.['port']);
  if (match === null || port > 65_535)
    throw new BreakwaterError('BW_USAGE', `--admin-address: expected HOST:PORT, got "${address}"`);
  return { host: match.groups?.['v6'] ?? (match.groups?.['host'] || DEFAULT_HOST), port };
}

function hasToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Guards against DNS rebinding: an IP address, localhost, or the name that the server was told to listen on. */
function isOwnHost(host: string | undefined, address: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '');
  return (
    name === 'localhost' ||
    /^(\d+\.){3}\d+$/.test(name) ||
    /^\[[0-9a-f:.]+\]$/i.test(name) ||
    (address !== undefined && name === parseAddress(address).host)
  );
}

function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, code, message, action } = asBreakwaterError(error);
  return reply.status(status).send({ error: { code, message, action } });
}

function asBreakwaterError(error: unknown): BreakwaterError {
  if (error instanceof BreakwaterError) return error;
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode === 413)
    return new BreakwaterError('BW_TOO_LARGE', `expected at most ${BODY_LIMIT_BYTES} bytes`);
  if (statusCode !== undefined && statusCode < 500)
    return new BreakwaterError('BW_BAD_REQUEST', message ?? 'bad request');
  return new BreakwaterError('BW_INTERNAL', message ?? String(error), { cause: error });
}

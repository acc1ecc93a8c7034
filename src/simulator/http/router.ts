import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, FrameworkError } from './api-error.ts';
import { Exchange } from './http-exchange.ts';
import { type Handler, ROUTES } from './server-routes.ts';
import type { ModelServer } from './simulated-server.ts';

/** Paths that `--api-key` guards. */
const GUARDED_PREFIX = '/v1';

/** Finds the route of a request as Starlette does, answers it and counts it. */
export async function handle(
  server: ModelServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = new Exchange(request, response);
  const startMs = server.clock.now();
  const path = pathOf(request);
  const method = request.method ?? 'GET';
  const methods = ROUTES.get(path);
  const handler = methods?.[method];
  response.once('close', () => {
    server.httpMetrics.observe({
      handler: handler === undefined ? 'none' : path,
      method,
      status: response.statusCode,
      requestBytes: Number(request.headers['content-length'] ?? 0),
      responseBytes: exchange.responseBytes,
      durationSeconds: (server.clock.now() - startMs) / 1000,
    });
  });
  if (path.startsWith(GUARDED_PREFIX) && !isAuthorized(server, request))
    exchange.sendJson(401, { error: 'Unauthorized' });
  else if (handler !== undefined) await run(handler, server, exchange);
  else if (methods !== undefined)
    exchange.sendJson(405, { detail: 'Method Not Allowed' }, ['allow', Object.keys(methods).join(', ')]);
  else if (ROUTES.has(otherSlash(path))) redirect(exchange, otherSlash(path));
  else exchange.sendJson(404, { detail: 'Not Found' });
  // A body that nobody read would keep the connection from its next request.
  if (!request.readableEnded) request.resume();
}

/** ASGI's `path`: without the query, percent-decoded. */
function pathOf({ url = '/' }: IncomingMessage): string {
  const path = url.split('?', 1)[0]!;
  try {
    return path.includes('%') ? decodeURIComponent(path) : path;
  } catch {
    return path;
  }
}

async function run(handler: Handler, server: ModelServer, exchange: Exchange): Promise<void> {
  try {
    await handler(server, exchange);
  } catch (error) {
    if (exchange.response.headersSent || exchange.response.destroyed) return;
    if (error instanceof ApiError) exchange.sendError(error);
    else if (error instanceof FrameworkError) exchange.sendJson(error.status, { detail: error.message });
    else if (!exchange.request.complete && exchange.request.destroyed) return;
    else
      exchange.sendError(
        new ApiError(500, 'InternalServerError', error instanceof Error ? error.message : String(error)),
      );
  }
}

function isAuthorized({ options }: ModelServer, request: IncomingMessage): boolean {
  if (options.apiKeys.length === 0 || request.method === 'OPTIONS') return true;
  const [scheme, ...key] = (request.headers.authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && options.apiKeys.includes(key.join(' '));
}

/** Starlette's redirect_slashes. */
function otherSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
}

function redirect(exchange: Exchange, path: string): void {
  const { host = 'localhost' } = exchange.request.headers;
  exchange.send(307, undefined, '', ['location', `http://${host}${path}`]);
}

import { keptText } from '../../kernel/index.ts';
import type { HeaderMutation, Route, WeightedBackend } from '../../plan/index.ts';
import { type LocalReply, textReply } from '../local-reply.ts';
import { NO_HEALTHY_UPSTREAM } from '../replies.ts';
import type { HostTable } from './host-table.ts';
import { modifyPath, normalisePath, redirectLocation } from './path.ts';
import type { RoutedHead } from './routed-head.ts';

/** What the routes of a server lead to. */
export interface Routing<Cluster> {
  readonly hosts: HostTable;
  /** By Cluster.name. */
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** Where the server is really reached, for redirects. */
  readonly publicPort: () => number;
}

/** Where a request goes. */
export type Resolution<Cluster> =
  /** That depends on the model that its body asks for, which is to be read first. */
  | { readonly kind: 'model-unread' }
  | {
      readonly kind: 'reply';
      readonly route?: Route;
      readonly backend?: WeightedBackend | undefined;
      readonly reply: LocalReply;
      /** Why no backend is asked, in words. */
      readonly reason: string;
      /** Fault injection: wait so long first. */
      readonly delayMs?: number;
      /** What CORS adds to the answer. */
      readonly cors?: HeaderMutation | undefined;
    }
  | {
      readonly kind: 'forward';
      readonly route: Route;
      readonly backend: WeightedBackend;
      readonly cluster: Cluster;
      /** Path and query for the upstream. */
      readonly target: string;
      readonly host: string;
      /** Fault injection: wait so long first. */
      readonly delayMs: number;
      /** What CORS adds to the answer. */
      readonly cors: HeaderMutation | undefined;
    };

type Resolved = Exclude<Resolution<unknown>, { kind: 'model-unread' }>;
export type ForwardTo<Cluster> = Extract<Resolution<Cluster>, { kind: 'forward' }>;

/**
 * The rule that a request is served by, with its compiled filters, or the answer that needs no rule. The embedded plane asks this;
 * Envoy chooses routes by itself, by what `src/envoy/resources` writes of the same plan, and the differential tests hold both together.
 * @param modelUnread the body was not read for its model yet
 * @param random gives 0..1; drawn for weights and faults
 */
export function resolve<Cluster>(
  context: Routing<Cluster>,
  head: RoutedHead,
  scheme: 'http' | 'https',
  modelUnread: boolean,
  random: () => number,
): Resolution<Cluster> {
  const mark = head.target.indexOf('?');
  const rawPath = mark === -1 ? head.target : head.target.slice(0, mark);
  const query = mark === -1 ? '' : head.target.slice(mark + 1);
  const normal = normalisePath(rawPath);
  if (normal.kind === 'invalid')
    return { kind: 'reply', reply: textReply(400, ''), reason: 'the path is malformed' };
  if (normal.kind === 'redirect') {
    const location = query === '' ? normal.path : `${normal.path}?${query}`;
    return {
      kind: 'reply',
      reply: { status: 307, headers: ['location', location], body: '' },
      reason: 'the path has escaped slashes: the client is sent to the same without them',
    };
  }
  const { path } = normal;
  const authority = head.authority.toLowerCase();
  const host = authority.replace(/:[0-9]+$/, '');
  const { method, headers } = head;
  const found = context.hosts.find(host, { method, path, query, headers, modelUnread });
  if (found === undefined) {
    const asked = `${head.method} ${path} of host ${host}`;
    return { kind: 'reply', reply: textReply(404, ''), reason: keptText(`no route matches ${asked}`) };
  }
  if (modelUnread && found.asksModel) return MODEL_UNREAD;
  const { route } = found;
  const { fault, action } = route;
  const delayMs =
    fault?.delay !== undefined && random() * 100 < fault.delay.percentage ? fault.delay.fixedMs : 0;
  const backend = action.kind === 'forward' ? drawBackend(action.backends, random()) : undefined;
  if (fault?.abort !== undefined && random() * 100 < fault.abort.percentage) {
    const reply = textReply(fault.abort.status, 'fault filter abort');
    return { kind: 'reply', route, backend, reply, reason: 'faultInjection.abort of a policy', delayMs };
  }
  if (action.kind === 'direct') {
    const reply = textReply(action.status, action.body);
    return { kind: 'reply', route, reply, reason: action.reason, delayMs };
  }
  if (action.kind === 'redirect') {
    const port = action.port ?? redirectPort(context, action.scheme, scheme);
    const location = redirectLocation(action, { scheme, host, path, query }, route.match.path, port);
    return {
      kind: 'reply',
      route,
      reply: { status: action.statusCode, headers: ['location', location], body: '' },
      reason: 'the route redirects',
      delayMs,
    };
  }
  if (backend === undefined) {
    const reason = 'the rule has no backendRef with a weight above 0';
    return { kind: 'reply', route, reply: textReply(500, ''), reason, delayMs };
  }
  const preflight = found.cors?.preflight(head.method, head.headers);
  if (preflight !== undefined) {
    // Without the route, whose header filters are for other answers.
    const reason = `${route.name} answers preflight requests of browsers (CORS)`;
    return { kind: 'reply', reply: preflight, reason, delayMs };
  }
  const cors = found.cors?.response(head.headers);
  if (backend.target.kind === 'invalid') {
    const reply = backend.target.status === 503 ? NO_HEALTHY_UPSTREAM : textReply(500, '');
    return { kind: 'reply', route, backend, reply, reason: backend.target.reason, delayMs, cors };
  }
  const cluster = context.clusters.get(backend.target.cluster);
  if (cluster === undefined) {
    const reason = `the cluster ${backend.target.cluster} could not be made`;
    return { kind: 'reply', route, backend, reply: textReply(500, ''), reason, delayMs, cors };
  }
  const newPath = modifyPath(path, route.rewrite?.path, route.match.path);
  return {
    kind: 'forward',
    route,
    backend,
    cluster,
    target: query === '' ? newPath : `${newPath}?${query}`,
    host: route.rewrite?.hostname ?? head.authority,
    delayMs,
    cors,
  };
}

const MODEL_UNREAD = { kind: 'model-unread' } as const;

/** What is done to the headers of every answer, in order: the backend's first, as it is nearer. */
export function responseMutations({ route, backend, cors }: Resolved): readonly HeaderMutation[] {
  if (route === undefined) return [];
  if (backend === undefined) return [route.responseHeaders];
  const own = [backend.responseHeaders, route.responseHeaders];
  return cors === undefined ? own : [...own, cors];
}

/** HTTPRequestRedirectFilter.port: of the scheme if one is given, else of the listener. */
function redirectPort(context: Routing<unknown>, scheme: 'http' | 'https' | undefined, own: string): number {
  if (scheme !== undefined && scheme !== own) return scheme === 'https' ? 443 : 80;
  return context.publicPort();
}

function drawBackend(backends: readonly WeightedBackend[], random: number): WeightedBackend | undefined {
  if (backends.length === 1) return backends[0];
  let total = 0;
  for (const backend of backends) total += backend.weight;
  let left = random * total;
  for (const backend of backends) {
    left -= backend.weight;
    if (left < 0) return backend;
  }
  return undefined;
}

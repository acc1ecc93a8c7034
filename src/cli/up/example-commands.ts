import {
  type Cluster,
  isModelHeader,
  type Model,
  type ObjectRef,
  type Plan,
  type PlaneReport,
  type Pool,
  type Route,
  type Server,
} from '../../plan/index.ts';

/** The two commands to try next, and what they were made of. */
export interface ExampleCommands {
  /** Sets GATEWAY_ADDRESS. */
  readonly address: string;
  /** Sends a chat to a pool. */
  readonly request: string;
}

export interface ExampleOptions {
  /** How this program is called: `npx breakwater`. */
  readonly program: string;
  /** Options that make `get` find this server and no other; '' where it does by itself. */
  readonly serverOption: string;
  /** Values of the Gateway's status.addresses. */
  readonly addressesOf: (gateway: ObjectRef) => readonly string[];
}

/** The page's question; its answer costs 15 + 100 tokens. */
const QUESTION = 'introduce yourself';

/** Ports that a URL of the scheme need not name. */
const DEFAULT_PORTS = { HTTP: 80, HTTPS: 443 } as const;

/** How a server is reached by its Gateway's status: which address, and the port where the address does not say it. */
interface Reach {
  readonly server: Server;
  readonly index: number;
  readonly port: string;
}

interface Target {
  readonly reach: Reach;
  readonly domain: string;
  readonly route: Route;
  /** Absent where no InferenceModel names one: a request without a model gets the one that is served. */
  readonly model: string | undefined;
}

/** Commands that work as they are with what is served now; undefined where no bound listener leads to a pool. */
export function exampleCommands(
  plan: Plan,
  report: PlaneReport,
  options: ExampleOptions,
): ExampleCommands | undefined {
  const target = findTarget(plan, report, options);
  if (target === undefined) return undefined;
  const { program, serverOption } = options;
  const { server, index, port } = target.reach;
  const { gateway, protocol } = server;
  const namespace = gateway.namespace === 'default' ? '' : ` -n ${gateway.namespace}`;
  const body = JSON.stringify(
    {
      model: target.model,
      max_completion_tokens: 100,
      temperature: 0,
      messages: [{ role: 'user', content: QUESTION }],
    },
    undefined,
    4,
  );
  return {
    address: `export GATEWAY_ADDRESS=$(${program} get gateway/${gateway.name}${namespace}${serverOption} -o jsonpath='{.status.addresses[${index}].value}')`,
    request: [
      `curl -X POST ${protocol === 'HTTPS' ? '-k https://' : ''}\${GATEWAY_ADDRESS}${port}${pathOf(target.route)}`,
      "-H 'Content-Type: application/json'",
      ...hostHeader(target.domain),
      ...sentHeaders(target.route).map(header => `-H ${quote(`${header.name}: ${header.value}`)}`),
      `-d ${quote(body)}`,
    ].join(' '),
  };
}

function findTarget(plan: Plan, report: PlaneReport, options: ExampleOptions): Target | undefined {
  const clusters = new Map(plan.clusters.map(cluster => [cluster.name, cluster]));
  for (const server of plan.servers) {
    const reach = reachOf(server, report, options.addressesOf(server.gateway));
    if (reach === undefined) continue;
    for (const listener of server.listeners)
      for (const { domain, routes } of listener.virtualHosts)
        for (const route of routes) {
          const pool = poolOf(route, plan, clusters);
          if (pool === undefined || !canBeShown(route)) continue;
          return { reach, domain, route, model: modelAskedBy(route) ?? modelOf(pool)?.modelName };
        }
  }
  return undefined;
}

function reachOf(server: Server, report: PlaneReport, addresses: readonly string[]): Reach | undefined {
  const bound = report.servers.find(candidate => candidate.name === server.name)?.bound;
  if (bound === undefined) return undefined;
  const host = bound.address.includes(':') ? `[${bound.address}]` : bound.address;
  const withPort = addresses.indexOf(`${host}:${bound.port}`);
  if (withPort >= 0) return { server, index: withPort, port: '' };
  const alone = addresses.indexOf(bound.address);
  if (alone < 0 || host !== bound.address) return undefined;
  return {
    server,
    index: alone,
    port: bound.port === DEFAULT_PORTS[server.protocol] ? '' : `:${bound.port}`,
  };
}

/** A pool with endpoints that the route leads to. */
function poolOf(route: Route, plan: Plan, clusters: ReadonlyMap<string, Cluster>): Pool | undefined {
  if (route.action.kind !== 'forward') return undefined;
  for (const { target } of route.action.backends) {
    const cluster = target.kind === 'cluster' ? clusters.get(target.cluster) : undefined;
    const pool = plan.pools.find(candidate => candidate.name === cluster?.pool);
    if (pool !== undefined && pool.endpoints.length > 0) return pool;
  }
  return undefined;
}

function modelOf({ models }: Pool): Model | undefined {
  return models.find(candidate => candidate.criticality === 'Critical') ?? models[0];
}

/** What the route matches on is read in the body, and not taken from a client's header. */
function modelAskedBy({ match }: Route): string | undefined {
  return match.headers.find(({ name }) => isModelHeader(name))?.value;
}

function sentHeaders({ match }: Route): Route['match']['headers'] {
  return match.headers.filter(({ name }) => !isModelHeader(name));
}

/** Regular expressions have no obvious example; a POST must be allowed. */
function canBeShown({ match }: Route): boolean {
  return (
    match.path.type !== 'RegularExpression' &&
    (match.method === undefined || match.method === 'POST') &&
    match.headers.every(header => header.type === 'Exact') &&
    match.queryParams.length === 0
  );
}

function pathOf({ match }: Route): string {
  const { type, value } = match.path;
  if (type === 'Exact') return value;
  const prefix = value.replace(/\/$/, '');
  return '/v1/chat/completions'.startsWith(`${prefix}/`)
    ? '/v1/chat/completions'
    : `${prefix}/v1/chat/completions`;
}

function hostHeader(domain: string): string[] {
  if (domain === '*') return [];
  return [`-H "host: ${domain.startsWith('*.') ? `any${domain.slice(1)}` : domain}"`];
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

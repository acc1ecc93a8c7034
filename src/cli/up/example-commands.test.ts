import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { NO_HEADER_MUTATION, type Plan, type Route } from '../../plan/index.ts';
import { type ExampleOptions, exampleCommands } from './example-commands.ts';
import { summary } from './summary.ts';

const gateway = { kind: 'Gateway', namespace: 'default', name: 'example-gateway' };
const scope = 'httproute/default/test-httproute/rule/0';

function planWith(path: Route['match']['path'], domain: string, port = 80): Plan {
  const route: Route = {
    name: `${scope}/match/0/x`,
    source: { kind: 'HTTPRoute', namespace: 'default', name: 'test-httproute' },
    ruleIndex: 0,
    match: { path, headers: [], queryParams: [] },
    requestHeaders: NO_HEADER_MUTATION,
    responseHeaders: NO_HEADER_MUTATION,
    mirrors: [],
    timeouts: {},
    action: {
      kind: 'forward',
      backends: [
        {
          weight: 1,
          target: { kind: 'cluster', cluster: scope },
          requestHeaders: NO_HEADER_MUTATION,
          responseHeaders: NO_HEADER_MUTATION,
        },
      ],
    },
  };
  return {
    version: 'v',
    servers: [
      {
        name: `default/example-gateway/${port}`,
        gateway,
        port,
        protocol: 'HTTP',
        listeners: [{ name: 'http', certificates: [], virtualHosts: [{ domain, routes: [route] }] }],
      },
    ],
    clusters: [
      {
        name: scope,
        kind: 'pool',
        pool: 'default/pool',
        endpoints: [],
        limit: scope,
        connectTimeoutMs: 10_000,
        idleTimeoutMs: 0,
        panicThresholdPercent: 50,
      },
    ],
    pools: [
      {
        name: 'default/pool',
        source: { kind: 'InferencePool', namespace: 'default', name: 'pool' },
        endpoints: [
          {
            id: '127.0.0.2:8000',
            address: '127.0.0.2',
            port: 8000,
            pod: 'default/p',
            labels: {},
            metricsPath: '/metrics',
          },
        ],
        models: [{ source: gateway, modelName: "it's", criticality: 'Critical', targetModels: [] }],
        failureMode: 'FailOpen',
      },
    ],
    limits: [
      {
        name: scope,
        thresholds: {
          maxConnections: 1024,
          maxPendingRequests: 1,
          maxParallelRequests: 1,
          maxParallelRetries: 1024,
          maxRequestsPerConnection: 0,
        },
        policy: { kind: 'BackendTrafficPolicy', namespace: 'default', name: 'circuitbreaker-for-route' },
      },
    ],
  };
}

const reportAt = (port: number, bound: number) => ({
  version: 'v',
  servers: [{ name: `default/example-gateway/${port}`, bound: { address: '127.0.0.1', port: bound } }],
});

const options = (...addresses: string[]): ExampleOptions => ({
  program: 'npx breakwater',
  serverOption: '',
  addressesOf: () => addresses,
});

const prefix = { type: 'PathPrefix', value: '/' } as const;

test('a moved port is part of the address', () => {
  const commands = exampleCommands(
    planWith(prefix, 'example.com'),
    reportAt(80, 10080),
    options('127.0.0.1:10080'),
  );
  assert.equal(
    commands?.address,
    "export GATEWAY_ADDRESS=$(npx breakwater get gateway/example-gateway -o jsonpath='{.status.addresses[0].value}')",
  );
  assert.match(
    commands?.request ?? '',
    /^curl -X POST \$\{GATEWAY_ADDRESS\}\/v1\/chat\/completions -H 'Content-Type: application\/json' -H "host: example\.com" -d '/,
  );
});

test("a listener's own port other than 80 is written behind the address", () => {
  const commands = exampleCommands(planWith(prefix, '*', 8080), reportAt(8080, 8080), options('127.0.0.1'));
  assert.match(commands?.request ?? '', /POST \$\{GATEWAY_ADDRESS\}:8080\/v1/);
  assert.doesNotMatch(commands?.request ?? '', /host:/);
});

test('paths and hosts that match the route', () => {
  const request = (path: Route['match']['path'], domain: string) =>
    exampleCommands(planWith(path, domain), reportAt(80, 80), options('127.0.0.1'))?.request ?? '';
  assert.match(request({ type: 'PathPrefix', value: '/v1' }, '*'), /ADDRESS\}\/v1\/chat\/completions /);
  assert.match(request({ type: 'PathPrefix', value: '/llm' }, '*'), /ADDRESS\}\/llm\/v1\/chat\/completions /);
  assert.match(
    request({ type: 'Exact', value: '/chat' }, '*.example.com'),
    /ADDRESS\}\/chat .*"host: any\.example\.com"/,
  );
});

test('a shell reads the body as it was meant', () => {
  const request =
    exampleCommands(planWith(prefix, '*'), reportAt(80, 80), options('127.0.0.1'))?.request ?? '';
  const body = execFileSync('sh', ['-c', request.replace(/^.* -d /, "printf '%s' ")], { encoding: 'utf8' });
  assert.equal(JSON.parse(body).model, "it's");
});

test('a route that is chosen by the model is asked by the body', () => {
  const plan = planWith(prefix, '*');
  const [server] = plan.servers;
  const [listener] = server!.listeners;
  const [route] = listener!.virtualHosts[0]!.routes;
  const headers = [
    { type: 'Exact', name: 'x-gateway-model-name', value: 'org/small' },
    { type: 'Exact', name: 'x-tenant', value: 't' },
  ] as const;
  const routes = [{ ...route!, match: { ...route!.match, headers } }];
  const servers = [{ ...server!, listeners: [{ ...listener!, virtualHosts: [{ domain: '*', routes }] }] }];
  const request =
    exampleCommands({ ...plan, servers }, reportAt(80, 80), options('127.0.0.1'))?.request ?? '';
  assert.equal(JSON.parse(request.replace(/^.* -d '(.*)'$/s, '$1')).model, 'org/small');
  assert.match(request, /-H 'x-tenant: t'/);
  assert.doesNotMatch(request, /x-gateway-model-name/);
});

test('where no InferenceModel names a model, none is asked for', () => {
  const plan = planWith(prefix, '*');
  const pools = plan.pools.map(pool => ({ ...pool, models: [] }));
  const request = exampleCommands({ ...plan, pools }, reportAt(80, 80), options('127.0.0.1'))?.request ?? '';
  assert.deepEqual(Object.keys(JSON.parse(request.replace(/^.* -d '(.*)'$/s, '$1'))), [
    'max_completion_tokens',
    'temperature',
    'messages',
  ]);
});

test('nothing is shown that would not work', () => {
  const regex = { type: 'RegularExpression', value: '/x.*' } as const;
  assert.equal(exampleCommands(planWith(regex, '*'), reportAt(80, 80), options('127.0.0.1')), undefined);
  assert.equal(exampleCommands(planWith(prefix, '*'), { version: 'v', servers: [] }, options()), undefined);
});

test('the summary says what runs and what is simulated', () => {
  const text = summary(
    planWith(prefix, 'example.com'),
    reportAt(80, 10080),
    [
      {
        kind: 'Deployment',
        namespace: 'default',
        name: 'vllm',
        what: 'simulated',
        addresses: ['127.0.0.2:8000'],
        reason: '',
        unknownFlags: ['--x'],
      },
      {
        kind: 'Deployment',
        namespace: 'default',
        name: 'sleep',
        what: 'not-run',
        addresses: [],
        reason: 'no model server',
        unknownFlags: [],
      },
    ],
    'http://127.0.0.1:19000',
  );
  assert.equal(
    text,
    `Gateway    default/example-gateway on http://127.0.0.1:10080 (in place of port 80)
Route      default/test-httproute: example.com/* → pool default/pool
Limit      default/circuitbreaker-for-route on ${scope}: at most 1 parallel request, 1 waiting for a connection, 1024 connections
Pool       default/pool: 1 endpoint, models it's (Critical)
             127.0.0.2:8000 pod default/p
Simulated  Deployment default/vllm: no GPU and no weights, a simulated model server answers on 127.0.0.2:8000; flags without a meaning here: --x
Not run    Deployment default/sleep: no model server
Admin API  http://127.0.0.1:19000
`,
  );
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { buildResourceSet, parseObject } from '../../src/api/index.ts';
import { envoyObjects } from '../../src/cluster/infrastructure/envoy.ts';
import { proxyProblem } from '../../src/cluster/infrastructure/index.ts';
import type { ProxySpec } from '../../src/cluster/infrastructure/proxy-spec.ts';
import { envoyPath } from '../support/envoy.ts';
import { extremeObjects } from './support/extremes.ts';

const ENVOY_PROXY = 'gateway.envoyproxy.io/v1alpha1';
const metadata = { name: 'p', namespace: 'default' };
const proxy = (spec: object) => ({ apiVersion: ENVOY_PROXY, kind: 'EnvoyProxy', metadata, spec });
const CLASS = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name: 'c' },
  spec: { controllerName: 'example.com/c' },
};
const GATEWAY = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'g', namespace: 'default', uid: 'u' },
  spec: {
    gatewayClassName: 'c',
    listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
    infrastructure: { parametersRef: { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'p' } },
  },
};

interface Made {
  readonly problem: string | undefined;
  readonly spec: ProxySpec;
}

function madeOf(raw: object): Made {
  const set = buildResourceSet([CLASS, GATEWAY, raw].map(each => ({ object: parseObject(each).object! })));
  const [gateway, gatewayClass] = [set.list('Gateway')[0]!, set.list('GatewayClass')[0]!];
  return {
    problem: proxyProblem('envoy', set, gateway, gatewayClass),
    spec: set.get('EnvoyProxy', 'default', 'p')!.spec,
  };
}

/** Values of the CRD's loose parts, and the field that they are in. */
const LEVELS = [
  '',
  ' ',
  'no-such',
  'upstream',
  'http:debug,admin',
  'a\nb',
  '\u0000',
  'default',
  'ip_tagging',
];
const COUNTS = [0, 1, -1, 1024, 1025, 2 ** 31 - 1, -(2 ** 31)];
const CASES: readonly { readonly title: string; readonly object: object }[] = [
  ...extremeObjects('EnvoyProxy', ['spec', 'shutdown'], shutdown => proxy({ shutdown })),
  ...extremeObjects('EnvoyProxy', ['spec', 'telemetry', 'metrics', 'matches', '[]'], match =>
    proxy({ telemetry: { metrics: { matches: [{ type: 'Exact', ...match }] } } }),
  ),
  ...['(', '(?=a)', '\\C', '(a+)+', 'a{1,1001}', '[[:alpha:]]', '\u0000', '\u007f', ' ', 'é'].map(value => ({
    title: `matches RegularExpression ${JSON.stringify(value)}`,
    object: proxy({ telemetry: { metrics: { matches: [{ type: 'RegularExpression', value }] } } }),
  })),
  ...[true, false].map(disable => ({
    title: `prometheus.disable ${disable}`,
    object: proxy({ telemetry: { metrics: { prometheus: { disable } } } }),
  })),
  ...COUNTS.map(concurrency => ({ title: `concurrency ${concurrency}`, object: proxy({ concurrency }) })),
  ...LEVELS.map(name => ({
    title: `logging.level ${JSON.stringify(name)}`,
    object: proxy({ logging: { level: { [name]: 'off' } } }),
  })),
  ...['trace', 'debug', 'info', 'warn', 'error', 'off', 'critical'].map(level => ({
    title: `logging.level default ${level}`,
    object: proxy({ logging: { level: { default: level } } }),
  })),
];

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxy-values-'));
});
after(() => rm(folder, { recursive: true, force: true }));

interface Workload {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly args: string[] }[] } };
  };
}

/** Starts what a Pod would start, on sockets of its own and without a control plane. @returns why it does not; '' where it does */
async function started(spec: ProxySpec, id: string): Promise<string> {
  const [gateway] = [parseObject(GATEWAY).object!];
  const made = envoyObjects(gateway as never, '', spec, [], {
    xdsHost: 'localhost',
    xdsPort: 1,
  }) as Workload[];
  const yaml = made.find(({ kind }) => kind === 'ConfigMap')!.data!['envoy.yaml']!;
  const { dynamic_resources: _, ...bootstrap } = parse(Buffer.from(yaml).toString());
  // Without the cluster of the control plane, whose certificates are files of a Pod.
  bootstrap.static_resources.clusters.shift();
  const at = (name: string) => ({ pipe: { path: join(folder, `${id}-${name}`) } });
  bootstrap.admin.address = at('admin');
  for (const listener of bootstrap.static_resources.listeners) listener.address = at(listener.name);
  const args = made.find(({ kind }) => kind === 'Deployment')!.spec!.template.spec.containers[0]!.args;
  const path = args.indexOf('--config-path');
  const level = args.indexOf('--log-level');
  const own = args.filter((_, index) => ![path, path + 1, level].includes(index) && index !== level + 1);
  // The level is looked at by itself: what it leaves out would be missed here.
  const [name] = args.slice(level + 1);
  const isLevel = ['trace', 'debug', 'info', 'warn', 'error', 'off', 'critical'].includes(name!);
  if (!isLevel) return `no level ${name}`;
  const flags = ['--config-yaml', JSON.stringify(bootstrap), '--log-level', 'info', '--use-dynamic-base-id'];
  const envoy = spawn(await envoyPath(), [...own, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  try {
    for await (const line of createInterface({ input: envoy.stderr })) {
      if (line.includes('starting main dispatch loop')) return '';
      said.push(line);
    }
    return said.filter(line => /critical|error|invalid/i.test(line)).join('\n') || 'it ended';
  } finally {
    envoy.kill('SIGKILL');
  }
}

test('whatever an EnvoyProxy says, its Envoys start with it, or it is refused by the name of its field', {
  timeout: 60_000,
}, async () => {
  const served = new Map<string, { title: string; spec: ProxySpec }>();
  const refused: string[] = [];
  const together: { type: 'Exact'; value: string }[] = [];
  for (const { title, object } of CASES) {
    const { problem, spec } = madeOf(object);
    if (problem !== undefined) {
      assert.match(problem, /^(concurrency|logging\.level|telemetry\.metrics\.matches\[0\])/, title);
      refused.push(title);
      continue;
    }
    const { matches = [] } = spec.telemetry?.metrics ?? {};
    // One Envoy for all that is counted.
    if (matches.length > 0) together.push(...(matches as typeof together));
    else served.set(JSON.stringify(spec), { title, spec });
  }
  served.set('matches', {
    title: 'all matches',
    spec: { telemetry: { metrics: { matches: together } } } as ProxySpec,
  });
  assert.ok(
    refused.length > 8 && served.size > 15,
    `${refused.length} are refused, ${served.size} are started`,
  );
  const waiting = [...served.values()].entries();
  const failures: string[] = [];
  const work = async () => {
    for (const [index, { title, spec }] of waiting) {
      const words = await started(spec, String(index));
      if (words !== '') failures.push(`${title}: ${words}`);
    }
  };
  await Promise.all([work(), work()]);
  assert.deepEqual(failures, []);
});

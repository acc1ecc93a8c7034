import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { packageVersion } from '../../src/cli/package-version.ts';
import {
  defaultInstallOptions,
  type InstallOptions,
  installObjects,
  PLANES,
} from '../../src/install/index.ts';
import { binary } from './lab/binaries.ts';

const run = promisify(execFile);
const chart = join(import.meta.dirname, '../../deploy/helm/breakwater');
const defaults = defaultInstallOptions(packageVersion());
/** There is no cluster that Helm could ask. */
const CLUSTER = ['--kube-version', '1.36.3'];
const folder = mkdtempSync(join(tmpdir(), 'breakwater-helm-'));
/** Of nobody's own: what a user has set up changes nothing. */
const env = {
  PATH: process.env['PATH'],
  HELM_CACHE_HOME: folder,
  HELM_CONFIG_HOME: folder,
  HELM_DATA_HOME: folder,
};
let helm: string;

before(async () => {
  helm = await binary('helm', line => process.stderr.write(`${line}\n`));
});
after(() => rmSync(folder, { recursive: true, force: true }));

type Values = Readonly<Record<string, unknown>>;

async function template(values: Values, namespace: string): Promise<unknown[]> {
  const file = join(folder, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const args = ['template', 'any-name', chart, '--namespace', namespace, '-f', file, ...CLUSTER];
  const { stdout } = await run(helm, args, { env });
  return parseAllDocuments(stdout)
    .map(document => (document as { toJS(): unknown }).toJS())
    .filter(object => object !== null);
}

function byName(objects: readonly unknown[]): Record<string, unknown> {
  const entries = objects.map(object => {
    const { kind, metadata } = object as { kind: string; metadata: { name: string; namespace?: string } };
    return [`${kind} ${metadata.namespace ?? ''}/${metadata.name}`, object] as const;
  });
  assert.equal(new Set(entries.map(([key]) => key)).size, entries.length, 'an object is there twice');
  return Object.fromEntries(entries);
}

const cases: (readonly [string, Values, Partial<InstallOptions>])[] = [
  ...PLANES.map(plane => [plane, { plane }, { plane }] as const),
  [
    'all values',
    {
      image: { repository: 'example.com/breakwater', tag: 'v9', pullPolicy: 'Always' },
      imagePullSecrets: ['one', 'two'],
      controllerName: 'example.com/breakwater',
      replicas: 3,
      gatewayClass: 'breakwater',
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } },
    },
    {
      image: 'example.com/breakwater:v9',
      imagePullPolicy: 'Always',
      imagePullSecrets: ['one', 'two'],
      controllerName: 'example.com/breakwater',
      replicas: 3,
      gatewayClass: 'breakwater',
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } },
    },
  ],
  ['workers', { plane: 'embedded', workers: 6 }, { plane: 'embedded', workers: 6 }],
  ...PLANES.map(
    plane =>
      [
        `${plane}, some namespaces`,
        { plane, watchNamespaces: ['a', 'b'] },
        { plane, watchNamespaces: ['a', 'b'] },
      ] as const,
  ),
];

cases.push(
  ...PLANES.flatMap(plane => {
    const gateways = { plane, gatewayNamespaces: ['infra', 'b'] };
    const both = { plane, watchNamespaces: ['a', 'b'], gatewayNamespaces: ['b'] };
    return [
      [`${plane}, Gateways of some namespaces`, gateways, gateways],
      [`${plane}, Gateways of one of some namespaces`, both, both],
    ] as const;
  }),
);

for (const [name, values, options] of cases)
  for (const namespace of ['breakwater-system', 'other'])
    test(`helm template is breakwater install: ${name}, in ${namespace}`, async () => {
      const expected = installObjects({ ...defaults, ...options, namespace });
      // Helm makes it by --create-namespace.
      const withoutNamespace = expected.filter(({ kind }) => kind !== 'Namespace');
      assert.deepEqual(byName(await template(values, namespace)), byName(withoutNamespace));
    });

test('what only the chart has reaches the Pods', async () => {
  const pods = {
    nodeSelector: { disk: 'fast' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    priorityClassName: 'high',
  };
  const objects = await template({ ...pods, podAnnotations: { a: 'b' } }, 'n');
  const { spec } = objects.find(each => (each as { kind: string }).kind === 'Deployment') as {
    spec: { template: { metadata: { annotations: object }; spec: object } };
  };
  assert.deepEqual({ ...spec.template.spec, ...pods }, spec.template.spec);
  assert.equal(Reflect.get(spec.template.metadata.annotations, 'a'), 'b');
});

test('helm lint has nothing to say', async () => {
  const { stdout } = await run(helm, ['lint', '--strict', chart, ...CLUSTER], { env });
  assert.match(stdout, /1 chart\(s\) linted, 0 chart\(s\) failed/);
  assert.doesNotMatch(stdout, /\[(WARNING|ERROR)\]/);
});

for (const [values, message] of [
  [{ plane: 'other' }, /plane/],
  [{ replicas: 0 }, /replicas/],
  [{ workers: 0 }, /workers/],
  [{ controllerName: 'no-path' }, /controllerName/],
  [{ watchNamespaces: ['A'] }, /watchNamespaces/],
  [{ mispelled: true }, /mispelled/],
] as const)
  test(`a wrong value is refused: ${JSON.stringify(values)}`, async () => {
    await assert.rejects(template(values, 'n'), message);
  });

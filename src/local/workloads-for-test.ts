import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, type Pod, parseObject, type ResourceSet } from '../api/index.ts';
import { LocalWorkloads, type LocalWorkloadsOptions } from './local-workloads.ts';

/** A resource set of objects as YAML. */
export function manifests(...texts: string[]): ResourceSet {
  const documents = texts.flatMap(text => parseAllDocuments(text));
  return buildResourceSet(
    documents.map(document => {
      const { object, errors } = parseObject(document.toJS());
      assert.deepEqual(errors, []);
      return { object: object! };
    }),
  );
}

export function example(file: string): string {
  return readFileSync(new URL(`../../examples/circuit-breaking/${file}`, import.meta.url), 'utf8');
}

export interface DeploymentText {
  readonly name?: string;
  readonly replicas?: number;
  /** Words after `vllm serve NAME --sim-decode-ms=1`. */
  readonly args?: string;
  readonly port: number;
  readonly annotation?: string;
  /** ConfigMap with a key `t.jinja` that is the chat template. */
  readonly template?: string;
}

export function deployment(text: DeploymentText): string {
  const { name = 'llama', replicas = 1, args = '', port, annotation = 'a', template } = text;
  const words = `vllm serve ${name} --sim-decode-ms=1 --port=${port} ${args}`.trim().split(' ');
  if (template !== undefined) words.push('--chat-template', '/etc/vllm/t.jinja');
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations: { note: annotation } },
        spec: {
          containers: [
            {
              name: 'server',
              image: 'x',
              command: words,
              volumeMounts: template === undefined ? [] : [{ name: 't', mountPath: '/etc/vllm' }],
            },
          ],
          volumes: template === undefined ? [] : [{ name: 't', configMap: { name: template } }],
        },
      },
    },
  });
}

/** Workloads that end with the test, quiet unless the test listens. */
export async function workloadsForTest(
  context: TestContext,
  options: Partial<LocalWorkloadsOptions> = {},
): Promise<LocalWorkloads> {
  const workloads = await LocalWorkloads.start({ simulate: 'auto', simulatorFlags: [], ...options });
  context.after(() => workloads.close());
  return workloads;
}

export function addressOf(pod: Pod): string {
  return pod.status!.podIP!;
}

export function models(address: string, port: number): Promise<Response> {
  return fetch(`http://${address}:${port}/v1/models`);
}

export async function modelIds(address: string, port: number): Promise<string[]> {
  const { data } = (await (await models(address, port)).json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
}

export async function isGone(address: string, port: number): Promise<boolean> {
  try {
    await (await models(address, port)).arrayBuffer();
    return false;
  } catch {
    return true;
  }
}

let lastPort = 20_000 + (process.pid % 20_000);

/** A port that no other test of this file has. Loopback addresses of 127.1.0.0/16 on are rarely used by anything else. */
export function nextPort(): number {
  return ++lastPort;
}

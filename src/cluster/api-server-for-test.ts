import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type ApiServer, loadApiServer } from './api-server/index.ts';

export interface StoredObject {
  readonly metadata: { readonly name: string; readonly uid?: string; readonly resourceVersion: string };
  readonly [field: string]: unknown;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/**
 * What an API server does with the objects of one test: versions, conflicts, replacement, merge patches, and apply to the status, where
 * lists are taken whole. The real one is in test/cluster.
 */
export class ModelApiServer {
  readonly client: ApiServer;
  readonly objects = new Map<string, StoredObject>();
  readonly asked: Asked[] = [];
  /** Answers in place of the model, if it gives something. */
  instead: (asked: Asked) => { readonly status: number; readonly body?: object } | undefined = () =>
    undefined;
  readonly #close: () => Promise<void>;
  #version = 0;

  private constructor(client: ApiServer, close: () => Promise<void>) {
    this.client = client;
    this.#close = close;
  }

  static async start(): Promise<ModelApiServer> {
    let model: ModelApiServer | undefined;
    const http = createServer(async (request, response) => {
      const { status, body } = model!.#answer(await askedBy(request));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-api-server-'));
    const kubeconfig = join(folder, 'config');
    writeFileSync(kubeconfig, kubeconfigFor((http.address() as AddressInfo).port));
    const client = await loadApiServer({ kubeconfig });
    model = new ModelApiServer(client, async () => {
      client.close();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
      rmSync(folder, { recursive: true });
    });
    return model;
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Puts an object, as somebody else would. */
  put(
    path: string,
    object: Readonly<Record<string, unknown>> & { metadata: { name: string } },
  ): StoredObject {
    const resourceVersion = String(++this.#version);
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion } };
    this.objects.set(path, stored);
    return stored;
  }

  #answer(asked: Asked): { readonly status: number; readonly body?: object } {
    this.asked.push(asked);
    const answer = this.instead(asked);
    if (answer !== undefined) return answer;
    const path = asked.path.replace(/\/status$/, '');
    const stored = this.objects.get(path);
    if (asked.method === 'POST') {
      const body = asked.body as { metadata: { name: string } };
      const at = `${path}/${body.metadata.name}`;
      return this.objects.has(at) ? { status: 409 } : { status: 201, body: this.put(at, { ...body }) };
    }
    if (stored === undefined) return { status: 404 };
    if (asked.method === 'GET') return { status: 200, body: stored };
    const { metadata, ...fields } = asked.body as Partial<StoredObject>;
    const { resourceVersion = stored.metadata.resourceVersion, uid = stored.metadata.uid } = metadata ?? {};
    if (resourceVersion !== stored.metadata.resourceVersion || uid !== stored.metadata.uid)
      return { status: 409 };
    if (asked.method === 'PUT')
      return { status: 200, body: this.put(path, { ...(asked.body as StoredObject) }) };
    const merged =
      asked.contentType === 'application/merge-patch+json'
        ? { ...stored, ...fields, metadata: { ...stored.metadata, ...metadata } }
        : { ...stored, status: { ...(stored['status'] as object), ...(fields['status'] as object) } };
    // An API server does not count a write that changes nothing.
    if (JSON.stringify(merged) === JSON.stringify(stored)) return { status: 200, body: stored };
    return { status: 200, body: this.put(path, merged) };
  }
}

async function askedBy(request: IncomingMessage): Promise<Asked> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://model');
  const { method = 'GET', headers } = request;
  const body = headers['content-length'] === undefined ? undefined : await json(request);
  return { method, path: pathname, query: searchParams, contentType: headers['content-type'], body };
}

function kubeconfigFor(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'model',
    clusters: [
      { name: 'model', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'user', user: {} }],
    contexts: [{ name: 'model', context: { cluster: 'model', user: 'user' } }],
  });
}

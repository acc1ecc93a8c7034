import { parseAllDocuments } from 'yaml';
import type { ApiServer } from '../../../src/cluster/api-server/index.ts';
import { until } from '../../support/until.ts';

export interface LabObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** What kubectl does with objects, for tests. */
export class Objects {
  readonly #server: ApiServer;
  readonly #resources = new Map<string, readonly Resource[]>();

  constructor(server: ApiServer) {
    this.#server = server;
  }

  /** Server-side apply, in order. `what` is YAML of several documents, or objects. */
  async apply(what: string | readonly object[]): Promise<void> {
    for (const object of objectsOf(what)) {
      const path = `${await this.pathOf(object)}?fieldManager=cluster-lab&force=true`;
      await this.ask('PATCH', path, object, 'application/apply-patch+yaml');
    }
  }

  /** Those that are not there are passed over. */
  async delete(what: string | readonly object[]): Promise<void> {
    for (const object of objectsOf(what)) await this.#server.request('DELETE', await this.pathOf(object));
  }

  /** CRDs are there before the API server serves their kinds. */
  async applyCrds(objects: readonly object[]): Promise<void> {
    await Promise.all(objects.map(object => this.apply([object])));
    for (const object of objects as readonly LabObject[]) {
      if (object.kind !== 'CustomResourceDefinition') continue;
      const { spec } = object as unknown as {
        spec: { group: string; names: { plural: string }; versions: { name: string; served: boolean }[] };
      };
      for (const { name } of spec.versions.filter(version => version.served))
        await until(
          `${object.metadata.name} ${name} is served`,
          async () => {
            const path = `/apis/${spec.group}/${name}/${spec.names.plural}?limit=1`;
            return (await this.#server.request('GET', path)).status === 200 ? true : undefined;
          },
          120_000,
        );
    }
    this.#resources.clear();
  }

  /** Fails with what the API server says. */
  async ask(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown> {
    const answer = await this.#server.request(method, path, {
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
      limitBytes: 256 * 1024 * 1024,
    });
    if (answer.status >= 300) {
      const { message = JSON.stringify(answer.body) } = answer.body as { message?: string };
      throw new Error(`${method} ${path}: ${answer.status} ${message}`);
    }
    return answer.body;
  }

  async pathOf({ apiVersion, kind, metadata }: LabObject): Promise<string> {
    const api = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    let resources = this.#resources.get(api);
    if (resources === undefined || !resources.some(each => each.kind === kind)) {
      resources = ((await this.ask('GET', api)) as { resources: Resource[] }).resources;
      this.#resources.set(api, resources);
    }
    const resource = resources.find(each => each.kind === kind && !each.name.includes('/'));
    if (resource === undefined) throw new Error(`the API server has no ${kind} of ${apiVersion}`);
    const within = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
    return `${api}${within}/${resource.name}/${metadata.name}`;
  }
}

/** @param what YAML of several documents, or objects */
export function objectsOf(what: string | readonly object[]): readonly LabObject[] {
  if (typeof what !== 'string') return what as readonly LabObject[];
  return parseAllDocuments(what, { uniqueKeys: false })
    .map(document => (document as { toJS(): LabObject | null }).toJS())
    .filter(object => object !== null);
}

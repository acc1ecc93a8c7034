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

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

const CRD_WITHIN_MS = 120_000;

/** What kubectl does with objects, for tests. */
export class Objects {
  readonly #server: ApiServer;
  readonly #resources = new Map<string, readonly Resource[]>();

  constructor(server: ApiServer) {
    this.#server = server;
  }

  /** Server-side apply, in order; what comes after a CRD finds its kind. `what` is YAML of several documents, or objects. */
  async apply(what: string | readonly object[]): Promise<void> {
    for (const object of objectsOf(what)) {
      await this.#apply(object);
      await this.#served(object);
    }
  }

  /** Those that are not there are passed over. */
  async delete(what: string | readonly object[]): Promise<void> {
    for (const object of objectsOf(what)) await this.#server.request('DELETE', await this.pathOf(object));
  }

  /** As {@link apply}, all at once. */
  async applyCrds(objects: readonly object[]): Promise<void> {
    const crds = objectsOf(objects);
    await Promise.all(crds.map(object => this.#apply(object)));
    for (const object of crds) await this.#served(object);
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

  async #apply(object: LabObject): Promise<void> {
    const path = `${await this.pathOf(object)}?fieldManager=cluster-lab&force=true`;
    await this.ask('PATCH', path, object, 'application/apply-patch+yaml');
  }

  /** Of a CRD: the API server lists its kind and serves it. It does neither at once, and each in a loop of its own: either may be first. */
  async #served(object: LabObject): Promise<void> {
    if (object.kind !== 'CustomResourceDefinition') return;
    const { group, names, versions } = (object as unknown as Crd).spec;
    for (const { name } of versions.filter(version => version.served))
      await until(
        `${object.metadata.name} ${name} is listed and served`,
        async () => {
          const api = `/apis/${group}/${name}`;
          const { status, body } = await this.#server.request('GET', api);
          if (status !== 200) return undefined;
          const { resources } = body as { resources: Resource[] };
          if (!resources.some(each => each.name === names.plural)) return undefined;
          const answer = await this.#server.request('GET', `${api}/${names.plural}?limit=1`);
          return answer.status === 200 ? true : undefined;
        },
        CRD_WITHIN_MS,
      );
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

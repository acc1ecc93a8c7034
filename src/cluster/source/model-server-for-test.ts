import type { Failure } from './api-failure.ts';
import type { RawObject } from './raw-object.ts';

interface Event {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: RawObject;
}

const EXPIRED: Failure = { kind: 'expired', message: 'too old resource version' };
const NOT_FOUND: Failure = { kind: 'not-found', message: 'the server could not find the requested resource' };

/** What an API server promises of lists and watches, as a value: the model that the reader's state machine is held against. */
export class ModelServer {
  served = true;
  #revision = 1;
  #compacted = 0;
  #log: { readonly revision: number; readonly event: Event }[] = [];

  put(name: string): void {
    if (!this.served) return;
    const isThere = this.#at(this.#revision).has(name);
    this.#write({ type: isThere ? 'MODIFIED' : 'ADDED', object: this.#object(name) });
  }

  delete(name: string): void {
    if (this.#at(this.#revision).has(name)) this.#write({ type: 'DELETED', object: this.#object(name) });
  }

  compact(): void {
    this.#compacted = this.#revision;
  }

  /** A CRD that is deleted takes its objects along. */
  serve(served: boolean): void {
    if (!served) for (const name of this.#at(this.#revision).keys()) this.delete(name);
    this.served = served;
  }

  /** A page, of the state at the time of the first one. */
  list(
    limit: number,
    token?: string,
  ):
    | { readonly failure: Failure }
    | { readonly items: RawObject[]; readonly resourceVersion: string; readonly continue?: string } {
    if (!this.served) return { failure: NOT_FOUND };
    const [revision, after] =
      token === undefined ? [this.#revision, ''] : (JSON.parse(token) as [number, string]);
    if (revision < this.#compacted) return { failure: EXPIRED };
    const rest = [...this.#at(revision)]
      .filter(([name]) => name > after)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const items = (limit === 0 ? rest : rest.slice(0, limit)).map(([, object]) => object);
    const page = { items, resourceVersion: String(revision) };
    const last = items.at(-1)?.metadata.name;
    return items.length === rest.length ? page : { ...page, continue: JSON.stringify([revision, last]) };
  }

  /** All events after a revision, and a bookmark. */
  watch(revision: number): { readonly failure: Failure } | { readonly events: readonly Event[] } {
    if (!this.served) return { failure: NOT_FOUND };
    if (revision < this.#compacted) return { failure: EXPIRED };
    const events = this.#log.filter(entry => entry.revision > revision).map(({ event }) => event);
    const bookmark = { metadata: { name: '', resourceVersion: String(this.#revision) } };
    return { events: [...events, { type: 'BOOKMARK', object: bookmark }] };
  }

  /** Of all objects, with their resourceVersions. */
  names(): string[] {
    return [...this.#at(this.#revision)]
      .map(([name, { metadata }]) => `${name} ${metadata.resourceVersion}`)
      .sort();
  }

  #at(revision: number): Map<string, RawObject> {
    const objects = new Map<string, RawObject>();
    for (const { revision: of, event } of this.#log) {
      if (of > revision) break;
      if (event.type === 'DELETED') objects.delete(event.object.metadata.name);
      else objects.set(event.object.metadata.name, event.object);
    }
    return objects;
  }

  #object(name: string): RawObject {
    const resourceVersion = String(this.#revision + 1);
    return { metadata: { name, namespace: 'default', uid: name, resourceVersion } };
  }

  #write(event: Event): void {
    this.#revision++;
    this.#log.push({ revision: this.#revision, event });
  }
}

import { random, sleep } from '../../kernel/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { type Failure, failureOf } from './api-failure.ts';
import { JsonLines, LineTooLong } from './json-lines.ts';
import { collectionPath, groupVersionPath, type ReadKind } from './paths.ts';
import type { RawObject } from './raw-object.ts';
import { advance, INITIAL, type Phase, type WatchInput, type WatchState } from './watch-state.ts';

/** An object of etcd is 1.5 MiB at most (its request limit); JSON of it with all escapes and managedFields is below this. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** A page that is larger is asked for in smaller ones. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;
/** Of what cannot be asked for in smaller pages; V8 has no longer strings. */
const MAX_LIST_BYTES = 512 * 1024 * 1024 - 64;
/** For an answer to begin, and a page to come in full. */
const ANSWER_MS = 60_000;
/** The API server ends a watch after 1 to 2 times this, by our request (client-go: 5 minutes). */
const WATCH_SECONDS = 300;
/**
 * Of a watch without a byte. Bookmarks come every minute: one that brings none has lost its API server without a word, as when
 * a machine or a connection tracker dies. It is taken up where it was.
 */
const SILENCE_MS = 150_000;

/** Where a reflector puts what it is given. The methods that give a boolean say whether anything is different now. */
export interface ReflectedStore {
  /** Takes the first page of a list. */
  beginList(): void;
  page(items: readonly RawObject[], version: string): void;
  endList(): boolean;
  /** Of the watch: ADDED or MODIFIED. */
  put(item: RawObject, version: string): boolean;
  /** Of the watch: DELETED. */
  delete(item: RawObject): boolean;
  /** The kind is not served any more. */
  clear(): boolean;
}

/** What the reflector tells of. */
export interface ReflectorEvents {
  /** Objects, or what is wrong, are different. */
  readonly changed: () => void;
  /** Called once. */
  readonly settled: () => void;
}

type Waiting = Extract<Phase, { name: 'waiting' }>;
type Listing = Extract<Phase, { name: 'listing' }>;
type Watching = Extract<Phase, { name: 'watching' }>;

/** Keeps a store like the API server's objects of one kind (of one namespace). */
export class Reflector<Store extends ReflectedStore = ReflectedStore> {
  readonly kind: ReadKind;
  readonly store: Store;
  readonly #server: ApiServer;
  readonly #namespace: string | undefined;
  readonly #events: ReflectorEvents;
  #state: WatchState = INITIAL;

  constructor(
    server: ApiServer,
    kind: ReadKind,
    namespace: string | undefined,
    store: Store,
    events: ReflectorEvents,
  ) {
    this.#server = server;
    this.kind = kind;
    this.#namespace = namespace;
    this.#events = events;
    this.store = store;
  }

  get trouble(): Failure | undefined {
    return this.#state.trouble;
  }

  get namespace(): string | undefined {
    return this.#namespace;
  }

  /** Until the signal. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { phase } = this.#state;
      try {
        this.#take(await this.#do(phase, signal));
      } catch (error) {
        if (signal.aborted) return;
        this.#take({ type: 'failed', failure: failureOfError(error) });
      }
    }
  }

  #take(input: WatchInput): void {
    const before = this.#state;
    this.#state = advance(before, input, random());
    const { settled, trouble } = this.#state;
    if (trouble?.message !== before.trouble?.message || trouble?.kind !== before.trouble?.kind)
      this.#events.changed();
    if (settled && !before.settled) this.#events.settled();
  }

  async #do(phase: Phase, signal: AbortSignal): Promise<WatchInput> {
    switch (phase.name) {
      case 'discovering':
        return await this.#discover(signal);
      case 'listing':
        return await this.#list(phase, signal);
      case 'watching':
        return await this.#watch(phase, signal);
      case 'waiting':
        return await wait(phase, signal);
    }
  }

  async #discover(signal: AbortSignal): Promise<WatchInput> {
    for (const version of this.kind.versions) {
      const { status, body } = await this.#server.request('GET', groupVersionPath(this.kind, version), {
        signal,
        timeoutMs: ANSWER_MS,
        limitBytes: MAX_PAGE_BYTES,
      });
      if (status === 404) continue;
      if (status !== 200) return { type: 'failed', failure: failureOf(body, status) };
      const { resources = [] } = body as { resources?: readonly { name?: string }[] };
      if (resources.some(({ name }) => name === this.kind.plural)) return { type: 'discovered', version };
    }
    if (this.store.clear()) this.#events.changed();
    return { type: 'discovered', version: undefined };
  }

  async #list(phase: Listing, signal: AbortSignal): Promise<WatchInput> {
    const query: Record<string, string> = {
      ...(phase.limit === 0 ? {} : { limit: String(phase.limit) }),
      ...(phase.continue === undefined ? {} : { continue: phase.continue }),
    };
    const path = collectionPath(this.kind, phase.version, this.#namespace, query);
    const { status, body } = await this.#server.request('GET', path, {
      signal,
      timeoutMs: ANSWER_MS,
      limitBytes: phase.limit <= 1 ? MAX_LIST_BYTES : MAX_PAGE_BYTES,
    });
    if (status !== 200) return { type: 'failed', failure: failureOf(body, status) };
    const { metadata, items } = body as ListBody;
    if (phase.continue === undefined) this.store.beginList();
    this.store.page(items ?? [], phase.version);
    const { resourceVersion, continue: token = '' } = metadata;
    if (token !== '') return { type: 'page', resourceVersion, continue: token };
    if (this.store.endList()) this.#events.changed();
    return { type: 'page', resourceVersion };
  }

  async #watch(phase: Watching, signal: AbortSignal): Promise<WatchInput> {
    const path = collectionPath(this.kind, phase.version, this.#namespace, {
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: phase.resourceVersion,
      timeoutSeconds: String(Math.round(WATCH_SECONDS * (1 + random()))),
    });
    const answer = await this.#server.stream(path, { signal, timeoutMs: ANSWER_MS, silenceMs: SILENCE_MS });
    if (answer.status !== 200)
      return { type: 'failed', failure: failureOf(await answer.json(), answer.status) };
    this.#take({ type: 'opened' });
    const lines = new JsonLines(MAX_LINE_BYTES);
    for await (const chunk of answer.chunks()) {
      for (const line of lines.push(chunk)) {
        const failure = this.#event(line as EventLine, phase.version);
        if (failure !== undefined) return { type: 'failed', failure };
      }
    }
    return { type: 'closed' };
  }

  /** Kubernetes API concepts, "Watch events" and "Watch bookmarks". */
  #event({ type, object }: EventLine, version: string): Failure | undefined {
    if (type === 'ERROR') return failureOf(object, 500);
    const { resourceVersion } = object.metadata;
    if (type === 'ADDED' || type === 'MODIFIED') {
      if (this.store.put(object, version)) this.#events.changed();
    } else if (type === 'DELETED') {
      if (this.store.delete(object)) this.#events.changed();
    } else if (type !== 'BOOKMARK') {
      return { kind: 'refused', message: `a watch event of type ${JSON.stringify(type)} is not known` };
    }
    if (resourceVersion !== undefined) this.#take({ type: 'progress', resourceVersion });
    return undefined;
  }
}

interface ListBody {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items?: readonly RawObject[] | null;
}

interface EventLine {
  readonly type: string;
  readonly object: RawObject;
}

async function wait({ ms }: Waiting, signal: AbortSignal): Promise<WatchInput> {
  await sleep(ms, signal);
  return { type: 'waited' };
}

function failureOfError(error: unknown): Failure {
  if (error instanceof LineTooLong) return { kind: 'too-large', message: error.message };
  const { message, code } = error as Error & { code?: string };
  return { kind: code === 'answer-too-large' ? 'too-large' : 'unreachable', message };
}

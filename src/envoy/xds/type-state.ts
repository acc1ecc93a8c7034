import { type ResourcesByName, versionOf, type XdsResource } from './snapshot.ts';
import { SuspectSecrets } from './suspect-secrets.ts';
import { isFullSet, type XdsType } from './types.ts';

/** What the peer has of one name, or will have when it has read what was sent. */
interface Held {
  /** Empty: it has been told that there is none. */
  readonly version: string;
  /** Absent where the peer had it before this stream began. */
  readonly resource?: XdsResource;
  /** The peer refused this version, with these words. */
  rejected?: string;
}

export interface Outstanding {
  readonly nonce: string;
  readonly version: string;
  readonly names: readonly string[];
  readonly sinceMs: number;
}

/** What a peer lacks. */
export interface Changes {
  readonly changed: readonly XdsResource[];
  /** Names to take away, or (delta only) asked for and not there. */
  readonly gone: readonly string[];
}

const NOTHING: Changes = { changed: [], gone: [] };

/** One type of resource on one stream: what is asked for, what has been sent, what is unanswered. At most one response is. */
export class TypeState {
  readonly type: XdsType;
  readonly #delta: boolean;
  asked = false;
  wildcard = false;
  readonly names = new Set<string>();
  readonly held = new Map<string, Held>();
  /** To be sent again although held. */
  readonly again = new Set<string>();
  /** An answer is due even when it is empty: a peer that starts waits for it. */
  answerDue = false;
  /** State of the world: the version that the peer says it has, until it can be compared. */
  claim = '';
  outstanding: Outstanding | undefined;
  lastNonce = '';
  acked = '';
  readonly #secrets = new SuspectSecrets();

  constructor(type: XdsType, delta: boolean) {
    this.type = type;
    this.#delta = delta;
  }

  get #tellsGone(): boolean {
    return this.#delta || isFullSet(this.type);
  }

  wants(name: string): boolean {
    return this.wildcard || this.names.has(name);
  }

  changes(resources: ResourcesByName): Changes {
    if (!this.asked) return NOTHING;
    const changed: XdsResource[] = [];
    for (const resource of this.wanted(resources)) {
      if (this.held.get(resource.name)?.version !== resource.version || this.again.has(resource.name))
        changed.push(resource);
    }
    return { changed, gone: this.#tellsGone ? this.#gone(resources) : [] };
  }

  *wanted(resources: ResourcesByName): Generator<XdsResource> {
    if (this.wildcard) return yield* resources.values();
    for (const name of this.names) {
      const resource = resources.get(name);
      if (resource !== undefined) yield resource;
    }
  }

  #gone(resources: ResourcesByName): string[] {
    const gone: string[] = [];
    for (const [name, { version }] of this.held) {
      if (!resources.has(name) && (version !== '' || this.again.has(name))) gone.push(name);
    }
    if (this.#delta)
      for (const name of this.names) if (!resources.has(name) && !this.held.has(name)) gone.push(name);
    return gone;
  }

  /** The peer has the version that it claims: it holds what is wanted now, and nothing is due. */
  settleClaim(resources: ResourcesByName): void {
    if (this.claim === '') return;
    const wanted = [...this.wanted(resources)];
    if (versionOf(wanted) === this.claim) {
      for (const resource of wanted) this.held.set(resource.name, { version: resource.version, resource });
      this.answerDue = false;
      this.acked = this.claim;
    }
    this.claim = '';
  }

  sent(changes: Changes, nonce: string, nowMs: number): string {
    for (const resource of changes.changed)
      this.held.set(resource.name, { version: resource.version, resource });
    for (const name of changes.gone) {
      if (this.names.has(name)) this.held.set(name, { version: '' });
      else this.held.delete(name);
    }
    const names = [...changes.changed.map(({ name }) => name), ...changes.gone];
    for (const name of names) this.again.delete(name);
    this.answerDue = false;
    this.lastNonce = nonce;
    const version = this.version();
    this.outstanding = { nonce, version, names, sinceMs: nowMs };
    return version;
  }

  /** Of everything held. What was rejected counts as something else, so that a later stream sends it again and hears why. */
  version(): string {
    const parts: { name: string; version: string }[] = [];
    for (const [name, { version, rejected }] of this.held) {
      if (version !== '') parts.push({ name, version: rejected === undefined ? version : `!${version}` });
    }
    return versionOf(parts);
  }

  /** Of what is due, what may be sent in one response. */
  together(due: readonly XdsResource[]): readonly XdsResource[] {
    return this.type === 'secret' ? this.#secrets.together(due) : due;
  }

  /**
   * Envoy's message names the resources that it refused; where it names none, all of the response count as refused. Of secrets
   * it is found out which.
   */
  rejected(names: readonly string[], message: string): readonly string[] {
    if (this.type === 'secret') return this.#rejectedSecrets(names, message);
    const named = [...this.held.keys()].filter(name => mentions(message, name));
    const refused = named.length === 0 ? names : named;
    for (const name of refused) {
      const held = this.held.get(name);
      if (held !== undefined) held.rejected = message;
    }
    // Whether the peer has taken the others of the response depends on what was wrong: they are sent again, without harm. (A
    // response of the other form has everything in it, what was refused too.)
    if (this.#delta && named.length > 0)
      for (const name of names)
        if (!refused.includes(name) && (this.held.get(name)?.version ?? '') !== '') this.again.add(name);
    return refused;
  }

  #rejectedSecrets(names: readonly string[], message: string): readonly string[] {
    const sent = names.filter(name => this.held.get(name)?.resource !== undefined);
    const refused = this.#secrets.refused(sent);
    const held = this.held.get(refused ?? '');
    if (held === undefined || refused === undefined) {
      for (const name of sent) this.again.add(name);
      return [];
    }
    held.rejected = message;
    return [refused];
  }

  forgetRejections(): void {
    for (const [name, held] of this.held) {
      if (held.rejected === undefined) continue;
      delete held.rejected;
      this.again.add(name);
    }
  }

  forget(name: string): void {
    this.held.delete(name);
    this.again.delete(name);
    this.#secrets.forget(name);
  }
}

/** As a word of its own: `a` is not in `a/b`, nor in `adding`. */
export function mentions(message: string, name: string): boolean {
  if (name === '') return false;
  for (let at = message.indexOf(name); at >= 0; at = message.indexOf(name, at + 1)) {
    const around = `${message[at - 1] ?? ' '}${message[at + name.length] ?? ' '}`;
    if (!/[\w/-]/.test(around)) return true;
  }
  return false;
}

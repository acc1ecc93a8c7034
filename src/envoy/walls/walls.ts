import type { LeftOutPart, Part, Plan } from '../../plan/index.ts';
import { failingRoute } from '../../request/index.ts';
import type { Snapshot } from '../xds/snapshot.ts';
import type { Rejection } from '../xds/stream-core.ts';
import { unbuildable } from './buildable.ts';
import { originOf, partlyTold } from './origins.ts';
import { suspectsOf } from './suspects.ts';

/** Each costs a round trip to Envoy. A culprit among n parts is found in 2 log2(n) tries. */
const MAX_TRIES = 200;

/**
 * Finds out which parts of a plan Envoy does not take, so that they cost themselves alone. Envoy refuses resources, and one
 * resource is made of the routes of many: those that are new in it are told in halves until what is refused is one part.
 * What Envoy has taken before stays in each try, so that nothing that is served is taken away by the search.
 */
export class Walls {
  /** What was refused, and Envoy's words: not told again while it is the same. */
  #refused = new WeakMap<Part, string>();
  readonly #taken = new WeakSet<Part>();
  /** The routes that stand in for others, with the answer 500. */
  readonly #answers = new WeakSet<Part>();
  #plan: Plan | undefined;
  /** Suspects that are not told now, in groups that are tried one by one. */
  #waiting: (readonly Part[])[] = [];
  #trial: ReadonlySet<Part> = new Set();
  #tries = 0;
  #elsewhere: ReadonlyMap<Part, string> = new Map();
  readonly #mayEndAll: boolean;

  /** @param mayEndAll default: true; false: where every listener would be left out, no part is to blame */
  constructor({ mayEndAll = true }: { readonly mayEndAll?: boolean } = {}) {
    this.#mayEndAll = mayEndAll;
  }

  /** What to tell of a new plan. @param elsewhere parts that are not told, as another Envoy refuses them */
  begin(plan: Plan, elsewhere: ReadonlyMap<Part, string> = new Map()): Plan {
    this.#plan = plan;
    this.#elsewhere = elsewhere;
    this.#waiting = [];
    this.#tries = 0;
    this.#trial = new Set([...partsOf(plan)].filter(part => !this.#taken.has(part) && !elsewhere.has(part)));
    return this.#told();
  }

  /** What stood in the way may have passed: all that was refused is to be told again with what begins next. */
  forgive(): void {
    this.#refused = new WeakMap();
  }

  /** What an Envoy has refused that was here before. */
  inherit(refused: ReadonlyMap<Part, string>): void {
    for (const [part, message] of refused) this.#refused.set(part, message);
  }

  /** Envoy has taken what it was told. @returns what to tell next; undefined: that was all */
  taken(): Plan | undefined {
    for (const part of this.#trial) if (!this.#refused.has(part)) this.#taken.add(part);
    const next = this.#waiting.pop();
    if (next === undefined) return undefined;
    this.#trial = new Set(next.filter(part => !this.#refused.has(part)));
    return this.#told();
  }

  /** Envoy refuses some of what it was told. @returns what to tell next; undefined: no part can be blamed for it */
  refused(rejections: readonly Rejection[]): Plan | undefined {
    if (this.#plan === undefined || ++this.#tries > MAX_TRIES) return undefined;
    let progress = false;
    const uncertain = new Map<Part, string>();
    const told = this.#told();
    for (const rejection of rejections) {
      const { parts, certain } = suspectsOf(told, rejection);
      for (const part of parts.map(originOf)) {
        if (this.#refused.has(part)) continue;
        if (certain) {
          this.#refused.set(part, rejection.message);
          progress = true;
        } else if (this.#trial.has(part)) uncertain.set(part, rejection.message);
      }
    }
    const suspects = [...uncertain.keys()];
    const [only] = suspects;
    // What is certain may be why the others were refused: they are told again without it first.
    if (!progress && only !== undefined) {
      if (suspects.length === 1) this.#blame(only, uncertain.get(only) as string);
      else this.#divide(suspects);
    }
    if (!this.#mayEndAll && this.#isAllRefused()) {
      this.#forgiveListeners();
      return undefined;
    }
    return progress || only !== undefined ? this.#told() : undefined;
  }

  /** No listener is left to serve anything. */
  #isAllRefused(): boolean {
    const { servers } = this.#plan as Plan;
    const isOut = (part: Part) => this.#refused.has(part);
    return servers.length > 0 && servers.every(server => isOut(server) || server.listeners.every(isOut));
  }

  #forgiveListeners(): void {
    for (const server of (this.#plan as Plan).servers)
      for (const part of [server, ...server.listeners]) this.#refused.delete(part);
  }

  /** Half of the suspects waits, and is answered with 500. Before that is told, it is found out whether it can be. */
  #divide(suspects: readonly Part[]): void {
    const others = [...this.#trial].filter(part => !suspects.includes(part));
    const half = suspects.length >> 1;
    const answers = suspects.flatMap(part => ('match' in part ? failingRoute(part) : []));
    const unknown = answers.filter(part => !this.#taken.has(part) && !this.#refused.has(part));
    const isFirst = unknown.length > 0 && !suspects.some(part => this.#answers.has(part));
    this.#waiting.push(suspects.slice(half));
    if (isFirst) {
      this.#waiting.push(suspects.slice(0, half));
      for (const part of unknown) this.#answers.add(part);
      this.#trial = new Set([...others, ...unknown]);
    } else this.#trial = new Set([...others, ...suspects.slice(0, half)]);
  }

  /** The plan without what was refused of it. */
  reduced(plan: Plan): Plan {
    return partlyTold(plan, part => this.#refused.has(originOf(part)) || this.#elsewhere.has(originOf(part)));
  }

  /**
   * Writes a plan as messages, without what cannot be written.
   * @throws Error where it cannot be written for another reason
   */
  build(plan: Plan, make: (plan: Plan) => Snapshot): Snapshot {
    try {
      return make(plan);
    } catch (error) {
      const found = unbuildable(plan, make);
      for (const [part, message] of found) this.#refused.set(originOf(part), message);
      if (found.length === 0) throw error;
      return make(this.reduced(plan));
    }
  }

  /** What of the plan Envoy does not have, with its words. */
  *leftOut(plan = this.#plan): Generator<LeftOutPart> {
    if (plan === undefined) return;
    for (const part of partsOf(plan)) {
      const message = this.#refused.get(part);
      if (message !== undefined) yield leftOutPart(part, message, each => this.#refused.has(each));
    }
  }

  /** The same, and the routes with the answer 500 that Envoy does not take either. */
  found(): Map<Part, string> {
    const found = new Map<Part, string>();
    for (const [part, message] of this.leftOut()) found.set(part, message);
    for (const [part] of [...found]) {
      if (!('match' in part)) continue;
      const answer = failingRoute(part);
      const message = this.#refused.get(answer);
      if (message !== undefined) found.set(answer, message);
    }
    return found;
  }

  /** A route is answered with 500 instead; where that is refused too, it is its match that Envoy does not take. */
  #blame(part: Part, message: string): void {
    this.#refused.set(part, message);
    if (this.#answers.has(part)) {
      for (const each of this.#waiting.flat())
        if ('match' in each && failingRoute(each) === part) this.#refused.set(each, message);
      return;
    }
    if (!('match' in part)) return;
    const answer = failingRoute(part);
    this.#answers.add(answer);
    if (!this.#taken.has(answer)) this.#trial = new Set([...this.#trial, answer]);
  }

  #told(): Plan {
    const waiting = new Set(this.#waiting.flat());
    return partlyTold(
      this.#plan as Plan,
      part => this.#refused.has(part) || waiting.has(part) || this.#elsewhere.has(part),
    );
  }
}

function* partsOf({ servers, clusters }: Plan): Generator<Part> {
  yield* clusters;
  for (const server of servers) {
    yield server;
    for (const listener of server.listeners) {
      yield listener;
      for (const { routes } of listener.virtualHosts) yield* routes;
    }
  }
}

/** What is said of a part that is out: of a route whose answer 500 is out too, the match is what is not taken. */
function leftOutPart(part: Part, message: string, isOut: (part: Part) => boolean): LeftOutPart {
  return [part, message, 'match' in part && isOut(failingRoute(part)) ? 'unmatched' : undefined];
}

/** The same of all that several Envoys refuse together ({@link Walls.found}). */
export function leftOutParts(out: ReadonlyMap<Part, string>): LeftOutPart[] {
  const answers = new Set<Part>();
  for (const part of out.keys()) if ('match' in part) answers.add(failingRoute(part));
  const isOut = (part: Part) => out.has(part);
  return [...out]
    .filter(([part]) => !answers.has(part))
    .map(([part, message]) => leftOutPart(part, message, isOut));
}

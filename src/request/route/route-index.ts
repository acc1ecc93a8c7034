import type { Part, Route } from '../../plan/index.ts';
import { failingRoute } from '../rows/reduced-plan.ts';
import { type CompiledRoute, compileRoute, type RequestView } from './match.ts';

/** With fewer routes all are asked in turn. */
const WORTH_AN_INDEX = 8;

interface Ranked {
  /** Its place in the order of precedence. */
  readonly rank: number;
  readonly route: CompiledRoute;
}

/** Told of a part that costs itself, and of what was thrown; `unmatched`: of a route whose requests cannot be told. */
export type OnFailed = (part: Part, thrown: unknown, requests?: 'unmatched') => void;

/** The routes of one virtual host: the first in order of precedence that matches, without asking 10,000 of them. */
export class RouteIndex {
  /** Routes whose path begins with one segment that is known, by that segment. */
  readonly #bySegment = new Map<string, Ranked[]>();
  /** Expressions, and prefixes of everything. */
  readonly #others: Ranked[] = [];

  /**
   * @param routes in order of precedence
   * @param onFailed of those that cannot be compiled
   */
  constructor(routes: readonly Route[], onFailed: OnFailed = () => {}) {
    routes.forEach((route, rank) => {
      const compiled = compiledAlone(route, onFailed);
      if (compiled === undefined) return;
      const ranked = { rank, route: compiled };
      const segment = routes.length < WORTH_AN_INDEX ? undefined : segmentOf(route);
      if (segment === undefined) {
        this.#others.push(ranked);
        return;
      }
      const known = this.#bySegment.get(segment);
      if (known === undefined) this.#bySegment.set(segment, [ranked]);
      else known.push(ranked);
    });
  }

  find(request: RequestView): CompiledRoute | undefined {
    const others = this.#others;
    const own = this.#bySegment.size === 0 ? undefined : this.#bySegment.get(firstSegment(request.path));
    let next = 0;
    if (own !== undefined) {
      for (const { rank, route } of own) {
        for (; next < others.length && (others[next] as Ranked).rank < rank; next++) {
          const other = (others[next] as Ranked).route;
          if (other.matches(request)) return other;
        }
        if (route.matches(request)) return route;
      }
    }
    for (; next < others.length; next++) {
      const other = (others[next] as Ranked).route;
      if (other.matches(request)) return other;
    }
    return undefined;
  }
}

/** A route that cannot be compiled costs itself: 500 where it is known what it matches, and it is not there where it is not. */
function compiledAlone(route: Route, onFailed: OnFailed): CompiledRoute | undefined {
  try {
    return compileRoute(route);
  } catch (thrown) {
    try {
      const answer = compileRoute(failingRoute(route));
      onFailed(route, thrown);
      return answer;
    } catch {
      onFailed(route, thrown, 'unmatched');
      return undefined;
    }
  }
}

/** The first segment of every path that the route matches; undefined where there is no one such. */
function segmentOf({ match: { path } }: Route): string | undefined {
  if (path.type === 'RegularExpression') return undefined;
  if (path.type === 'Exact') return firstSegment(path.value);
  const segment = firstSegment(path.value);
  return segment === '' ? undefined : segment;
}

function firstSegment(path: string): string {
  const end = path.indexOf('/', 1);
  return path.slice(1, end === -1 ? path.length : end);
}

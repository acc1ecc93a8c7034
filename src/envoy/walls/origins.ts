import type { Part, Plan } from '../../plan/index.ts';
import { reducedPlan } from '../../request/index.ts';

const origins = new WeakMap<Part, Part>();

/** What a part of a plan that {@link partlyTold} has made was made of; the part itself where nothing of it is left out. */
export function originOf(part: Part): Part {
  return origins.get(part) ?? part;
}

function noteOrigin<T extends Part>(original: T, copy: T): T {
  origins.set(copy, originOf(original));
  return copy;
}

/** The plan without some of its parts; of those that are made anew it is known what they were made of. */
export function partlyTold(plan: Plan, isOut: (part: Part) => boolean): Plan {
  return reducedPlan(plan, isOut, noteOrigin, originOf);
}

import type { PluginUse } from '../../plan/index.ts';
import { FILTERS, SCORERS } from './list.ts';
import { valuesOf } from './parameter.ts';
import type { BodyNeed, Need, Remove, Score } from './plugin.ts';

/** Why a candidate is out, by the number that a filter writes; the first is "it is not". */
export const REMOVED_BY: readonly string[] = ['', ...FILTERS.flatMap(({ reasons }) => reasons)];

interface PreparedFilter {
  readonly remove: Remove;
  /** Numbers of its reasons. */
  readonly firstReason: number;
  readonly lastReason: number;
  readonly restricts: boolean;
}

/** The plugins that a pool's requests go through, with their parameters and weights. */
export interface Profile {
  readonly filters: readonly PreparedFilter[];
  /** The names of its scorers, and in the same order what they do and weigh. */
  readonly scorers: readonly string[];
  readonly scores: readonly Score[];
  readonly weights: Float64Array;
  /** What of a request's body its plugins cannot do without. */
  readonly needs: ReadonlySet<BodyNeed>;
  /** The prompt is among {@link needs}. */
  readonly readsPrompt: boolean;
}

const NOTHING_NAMED: readonly PluginUse[] = [];

/**
 * What a pool does not name has its default weight and parameters. A scorer without weight is shown by `explain` and counts for nothing, nor is a
 * body read for it.
 * @param uses as translated: their names and parameters have been checked
 */
export function profileOf(uses: readonly PluginUse[] = NOTHING_NAMED): Profile {
  const named = new Map(uses.map(use => [use.name, use]));
  const scorers = SCORERS.flatMap(scorer => {
    const use = named.get(scorer.name);
    const weight = use?.weight ?? scorer.defaultWeight ?? (use === undefined ? undefined : 1);
    return weight === undefined
      ? []
      : [{ scorer, weight, score: scorer.prepare(valuesOf(scorer.parameters, use?.parameters)) }];
  });
  const filters = FILTERS.flatMap(filter => {
    const use = named.get(filter.name);
    if (use === undefined && filter.byDefault !== true) return [];
    const firstReason = REMOVED_BY.indexOf(filter.reasons[0] as string);
    return [
      {
        filter,
        prepared: {
          remove: filter.prepare(valuesOf(filter.parameters, use?.parameters), firstReason),
          firstReason,
          lastReason: firstReason + filter.reasons.length - 1,
          restricts: filter.restricts === true,
        },
      },
    ];
  });
  const needs = [
    ...scorers.flatMap(({ scorer, weight }) => (weight > 0 ? scorer.needs : [])),
    ...filters.flatMap(({ filter }) => filter.needs),
  ];
  const ofBody = new Set(needs.filter(isOfBody));
  return {
    filters: filters.map(({ prepared }) => prepared),
    scorers: scorers.map(({ scorer }) => scorer.name),
    scores: scorers.map(({ score }) => score),
    weights: Float64Array.from(scorers, ({ weight }) => weight),
    needs: ofBody,
    readsPrompt: ofBody.has('prompt'),
  };
}

function isOfBody(need: Need): need is BodyNeed {
  return need === 'model' || need === 'prompt';
}

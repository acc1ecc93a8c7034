import type { PolicySpec } from './policy-spec.ts';

const TARGET_FIELDS = ['targetRef', 'targetRefs', 'targetSelectors', 'mergeType'] as const;

/**
 * The spec of a route's policy laid over that of its parent, as `mergeType` asks: objects field by field, lists replaced
 * as a whole (RFC 7396). StrategicMerge differs from JSONMerge only for lists of fields that have no effect here.
 * What the API fills in by default counts as said by the route's policy, as in a cluster.
 */
export function mergeSpecs(parent: PolicySpec, child: PolicySpec): PolicySpec {
  const merged = mergePatch(parent, child) as Record<string, unknown>;
  for (const field of TARGET_FIELDS) delete merged[field];
  return merged as PolicySpec;
}

function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlainObject(patch)) return patch;
  const result: Record<string, unknown> = isPlainObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = mergePatch(result[key], value);
  }
  return result;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

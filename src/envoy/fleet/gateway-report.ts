import type { LeftOut } from '../../plan/index.ts';

/** How the Envoys of one Gateway that are connected to one replica stand to the part of the plan that they are to have. */
export interface GatewayReport {
  /** Of that part, as this replica has it. */
  readonly version: string;
  /** Envoys that are connected. */
  readonly connected: number;
  /** Those that have taken all of it. */
  readonly taken: number;
  /** They have taken an earlier part, and serve that meanwhile. */
  readonly served: boolean;
  /** Which Envoys refuse it, and why, in their words. */
  readonly refusal?: string;
  /** What of it these Envoys are not told, as one of them refuses it. */
  readonly leftOut?: readonly LeftOut[];
}

/** Why a Gateway is not served as it is to be. */
export interface GatewayTrouble {
  readonly message: string;
  /** No replica says that an Envoy of the Gateway is connected to it. */
  readonly absent: boolean;
}

/**
 * One Envoy that has taken all, on whatever replica, is enough; one that refuses, too.
 * @param own of the replica that asks: the part is to be as it has it
 * @param others what other replicas say of the same Gateway. Of another part than ours, it counts that something is served: they
 * will say more once they have the same part.
 */
export function troubleOf(
  own: GatewayReport,
  others: readonly GatewayReport[] = [],
): GatewayTrouble | undefined {
  const all = [own, ...others].filter(({ connected }) => connected > 0);
  if (all.length === 0) return { message: own.refusal ?? ABSENT, absent: true };
  const same = all.filter(({ version }) => version === own.version);
  const refusals = new Set(same.flatMap(({ refusal }) => refusal ?? []));
  if (refusals.size > 0) return { message: [...refusals].sort().join('; '), absent: false };
  if (same.some(({ taken }) => taken > 0)) return undefined;
  const served = all.some(report => report.served || report.taken > 0);
  return served ? undefined : { message: WAITING, absent: false };
}

/** What is not served of a Gateway, on whatever replica. */
export function allLeftOut(own: GatewayReport, others: readonly GatewayReport[]): readonly LeftOut[] {
  const same = others.filter(({ version }) => version === own.version);
  return [...(own.leftOut ?? []), ...same.flatMap(({ leftOut }) => leftOut ?? [])];
}

const ABSENT = 'no Envoy of this Gateway is connected to the control plane';
const WAITING = 'its Envoys have not taken their configuration yet';

/** Some Envoys are enough to find the others. */
const NAMED = 3;
/** Envoy may print what it refuses: a whole regular expression, a whole certificate. */
const MAX_MESSAGE_CHARACTERS = 1_000;

/** What to say of Envoys that refuse something; '' when there are none. @param refusing their ids, each with its words */
export function refusalText(refusing: Iterable<{ readonly id: string; readonly message: string }>): string {
  const byMessage = Map.groupBy(refusing, ({ message }) => shortened(message, MAX_MESSAGE_CHARACTERS));
  return [...byMessage]
    .map(([message, envoys]) => `${named(envoys.map(({ id }) => id))}: ${message}`)
    .sort()
    .join('; ');
}

function named(ids: readonly string[]): string {
  const sorted = [...new Set(ids)].sort();
  if (sorted.length === 1) return `Envoy ${sorted[0]} says`;
  const more = sorted.length - NAMED;
  return `Envoys ${sorted.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''} say`;
}

export function shortened(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 1)}…`;
}

import type { CandidateView, DecisionView, EnvoyView } from '../../admin/wire.ts';
import { printableLine } from '../../kernel/index.ts';
import { formatTable } from './table.ts';

/** A decision for people: the verdict, what the limits said, and a row per candidate. */
export function formatDecision(decision: DecisionView): string {
  const { candidates } = decision;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Request', decision.requestId],
    ['Time', new Date(decision.atMs).toISOString()],
    ['Route', decision.route],
    ['Backend', decision.cluster],
    ['Pool', decision.pool],
    ['Model', model(decision)],
    ['Criticality', decision.criticality],
    ['Verdict', verdict(decision)],
    ['Beside it', decision.others?.map(({ role, endpoint }) => `${role} ${endpoint}`).join(', ')],
    ['Runner-up', decision.runnerUp],
    ['Permit', permit(decision)],
    ['Tried', decision.tries?.map(({ endpoint, outcome }) => `${endpoint}: ${outcome}`).join(', ')],
    ['Answer', answer(decision)],
    ...envoySaid(decision.envoy),
  ];
  const lines = facts.flatMap(([label, value]) =>
    value === undefined ? [] : [`${`${label}:`.padEnd(13)}${printableLine(value)}\n`],
  );
  if (candidates.length === 0) return lines.join('');
  const scorers = [...new Set(candidates.flatMap(candidate => candidate.scores.map(score => score.scorer)))];
  const header = [
    'CANDIDATE',
    'REMOVED BY',
    'IN FLIGHT',
    'RUNNING',
    'WAITING',
    'KV CACHE',
    'METRICS AGE',
    ...scorers.map(scorer => scorer.toUpperCase()),
    'TOTAL',
  ];
  // The best first, those that were removed last.
  const sorted = [...candidates].sort(
    (a, b) =>
      (b.total ?? Number.NEGATIVE_INFINITY) - (a.total ?? Number.NEGATIVE_INFINITY) ||
      (a.endpoint < b.endpoint ? -1 : 1),
  );
  return `${lines.join('')}\n${formatTable(
    header,
    sorted.map(candidate => row(candidate, scorers)),
  )}`;
}

function model({ model: asked, targetModel }: DecisionView): string | undefined {
  if (asked === undefined || targetModel === undefined || asked === targetModel) return asked;
  return `${asked}, sent as ${targetModel}`;
}

function answer({ status, durationMs }: DecisionView): string | undefined {
  if (durationMs === undefined) return 'not yet';
  // Envoy's answer does not pass through the picker: that it ended is known.
  if (status === undefined) return `ended after ${Math.round(durationMs)} ms`;
  return `${status === 0 ? 'none, the client left' : status} after ${Math.round(durationMs)} ms`;
}

/** What Envoy did, as its access log says. */
function envoySaid(said: EnvoyView | undefined): (readonly [string, string])[] {
  if (said === undefined) return [];
  const { status, flags, details, upstream, durationMs, firstByteMs, attempts } = said;
  const answered = [status === 0 ? 'no answer' : String(status), ...flags].join(' ');
  const from = upstream === undefined ? 'nobody asked' : `from ${upstream}`;
  const times = [
    `${durationMs.toFixed(1)} ms`,
    ...(firstByteMs === undefined ? [] : [`first byte after ${firstByteMs.toFixed(1)} ms`]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
  ];
  return [
    ['Envoy', `${answered} (${details}) ${from}`],
    ['Took', `${times.join(', ')}; ${said.requestBytes} bytes in, ${said.responseBytes} bytes out`],
    ...(said.failure === undefined ? [] : ([['Failure', said.failure]] as const)),
  ];
}

function verdict({ verdict: what, endpoint, reason }: DecisionView): string {
  return [what, endpoint, reason === undefined ? undefined : `(${reason})`]
    .filter(part => part !== undefined)
    .join(' ');
}

function permit({ permit: said }: DecisionView): string | undefined {
  if (said === undefined) return undefined;
  if (said.granted) return `granted by ${said.scope}`;
  const use =
    said.inUse === undefined || said.max === undefined ? '' : `, ${said.inUse} of ${said.max} in use`;
  return `refused by ${said.limit ?? 'a limit'} of ${said.scope}${use}`;
}

function row(candidate: CandidateView, scorers: readonly string[]): string[] {
  const { metrics, total } = candidate;
  return [
    candidate.endpoint,
    candidate.removedBy ?? '-',
    String(candidate.inFlight),
    metrics === undefined ? '-' : String(metrics.running),
    metrics === undefined ? '-' : String(metrics.waiting),
    metrics?.kvCacheUsage === undefined ? '-' : `${(metrics.kvCacheUsage * 100).toFixed(1)}%`,
    metrics === undefined ? 'never' : `${Math.round(metrics.ageMs)}ms`,
    ...scorers.map(scorer => {
      const score = candidate.scores.find(each => each.scorer === scorer);
      return score === undefined ? '-' : `${score.score.toFixed(2)} × ${score.weight}`;
    }),
    total === undefined ? '-' : total.toFixed(2),
  ];
}

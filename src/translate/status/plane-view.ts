import type { Plan, PlaneReport } from '../../plan/index.ts';
import type { Condition, Conditions } from '../condition.ts';

/** Whether the plane runs the plan that the statuses are about. */
export type PlaneView =
  | { readonly kind: 'taken'; readonly report: PlaneReport }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly error: string };

export function planeView(plan: Plan, report: PlaneReport | undefined): PlaneView {
  if (report?.version === plan.version) return { kind: 'taken', report };
  if (report?.error !== undefined) return { kind: 'refused', error: report.error };
  return { kind: 'waiting' };
}

const WAITING = 'Waiting for the data plane to take the configuration';

/**
 * What to say of something that the translation accepts: it is so only when the plane has taken it.
 * (Gateway API reserves the reason Pending for what is not settled yet.)
 */
function settled(view: PlaneView): { status: Condition['status']; reason?: string; message?: string } {
  switch (view.kind) {
    case 'taken':
      return { status: 'True' };
    case 'waiting':
      return { status: 'Unknown', reason: 'Pending', message: WAITING };
    case 'refused':
      return { status: 'False', reason: 'Invalid', message: refusal(view.error) };
  }
}

export function refusal(error: string): string {
  return `The data plane refused the configuration: ${error}`;
}

/** The conditions as they are to be written: a True `Accepted` only if the plane has taken the plan. */
export function acceptedOnceTaken(conditions: Conditions, view: PlaneView): Condition[] {
  const { status, reason, message } = settled(view);
  return conditions
    .list()
    .map(condition =>
      condition.type === 'Accepted' &&
      condition.status === 'True' &&
      reason !== undefined &&
      message !== undefined
        ? { ...condition, status, reason, message }
        : condition,
    );
}

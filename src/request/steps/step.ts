import type { Action } from '../action.ts';
import type { DecisionDraft } from '../decision-draft.ts';
import type { StepRequest } from './step-request.ts';

/**
 * One thing that is decided about a request before it is sent: each in a file of this folder, its place in `steps.ts`. Both planes run it
 * there. It keeps nothing of a request that passes.
 */
export interface Step {
  /** For people. */
  readonly name: string;
  /** What it looks at: the head, before any of the body is read; or the body as well, as much of it as is read. */
  readonly by: 'head' | 'body';
  /**
   * - undefined: the request passes, the next step is asked.
   * - `reply`: it is refused, by what `declines`, `refuse` or `overflow` was told.
   * - `wait`: it waits up to {@link StepRequest.waitMs}, which is set before. The step calls {@link StepRequest.goesOn} when it is to be asked
   *   again, later than it returns.
   * - `ask`: the pool's own picker is asked, then this step again.
   * @param body all of it; undefined: of a step by the head, and where the body is not read
   * @param draft of its decision: written by its life and by its steps, and by nobody else
   */
  readonly run: (
    request: StepRequest,
    body: Buffer | undefined,
    nowMs: number,
    draft: DecisionDraft,
  ) => Action | undefined;
  /** A request that waits here has ended. */
  readonly leaves: ((request: StepRequest) => void) | undefined;
}

/** All steps of one shape. */
export function step(name: string, by: Step['by'], run: Step['run'], leaves?: Step['leaves']): Step {
  return { name, by, run, leaves };
}

/** The steps of a process, each where it runs. */
export interface Steps {
  readonly head: readonly Step[];
  readonly body: readonly Step[];
  /** In `body`: a request that is sent again is asked from here on. */
  readonly pickAt: number;
}

/** Changes that come within this are one: a rollout touches an EndpointSlice and its Pods in one go. */
const GATHER_MS = 20;
/** An object that is edited all the time is taken up so often; a change that comes just after another waits so long at most. */
const APART_MS = 100;

/**
 * When listeners are to be called, on the clock of the arguments.
 * @param changedAtMs the first change that they have not been told of
 * @param calledAtMs when they were last called
 */
export function callAtMs(changedAtMs: number, calledAtMs: number): number {
  return Math.max(changedAtMs + GATHER_MS, calledAtMs + APART_MS);
}

import { beginHandoff, finishHandoff } from './handoff.ts';
import type { RunningController } from './start-controller.ts';

/** Requests in flight have so long to end: longer than a long answer takes. */
const DRAIN_TIMEOUT_MS = 600_000;

/** Stops in order: what is in flight ends, and what comes goes to who follows. @param second nothing is waited for any more */
export async function stopController(
  { runtime, leading, fleet, pod, carrier, close }: RunningController,
  controllerName: string,
  second: Promise<void>,
): Promise<void> {
  const carries = pod !== undefined && carrier?.serves === true;
  if (carries) await Promise.race([beginHandoff(runtime, carrier), second]);
  // Who follows must know what is in flight here before it can follow.
  await Promise.race([carrier?.leave(), second]);
  // Statuses and permits are somebody else's from now on, before what takes long.
  await Promise.race([Promise.all([leading.elector.stop(), fleet?.letGo()]), second]);
  if (carries) await Promise.race([finishHandoff(runtime, controllerName, pod), second]);
  await Promise.race([runtime.plane.drain(DRAIN_TIMEOUT_MS), second]);
  await Promise.race([close(), second]);
}

import { monotonicMs, sleep } from '../../kernel/index.ts';
import type { Runtime } from '../runtime.ts';
import type { Carrier } from './carrier.ts';
import type { OwnPod } from './own-pod.ts';
import { successorIn } from './successor.ts';

/** So long the one that carries the bytes goes on as before, but each answer is the last of its connection. */
const LAST_ANSWERS_MS = 2_000;
/** Who follows is waited for so long. */
const FOLLOWED_MS = 10_000;
const LOOK_MS = 50;
/** Nodes hear so late, at the most, that a Service leads elsewhere: until then connections that come are led on. */
const LED_ON_MS = 5_000;

/**
 * A leader of the embedded plane that stops refuses no connection. First, connections that are kept are closed with an answer that
 * says so; then what comes waits, until it is known who follows, and is led on to it until Services lead there for everybody.
 */
export async function beginHandoff(runtime: Runtime, carrier: Carrier): Promise<void> {
  carrier.announce();
  await sleep(LAST_ANSWERS_MS);
  runtime.plane.leadOn?.(undefined);
}

/** Once another may lead. */
export async function finishHandoff(runtime: Runtime, controllerName: string, pod: OwnPod): Promise<void> {
  const untilMs = monotonicMs() + FOLLOWED_MS;
  while (monotonicMs() < untilMs) {
    const host = runtime.cycle && successorIn(runtime.cycle.set, controllerName, pod);
    if (host !== undefined) {
      runtime.plane.leadOn?.(host);
      await sleep(LED_ON_MS);
      return;
    }
    await sleep(LOOK_MS);
  }
}

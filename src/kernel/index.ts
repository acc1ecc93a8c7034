export { ByteBudget, memoryBytes, type SharedByteBudget } from './byte-budget.ts';
export {
  monotonicMs,
  startInterval,
  startTimer,
  stopTimer,
  type Timer,
  timeoutSignal,
  wallMs,
} from './clock.ts';
export { cpuLimit, threadsFor } from './cpu-limit.ts';
export { ExpressionError, expressionOf } from './expression.ts';
export { FaultLog, REQUEST_FAULT } from './fault-log.ts';
export { guarded, type OnFault, tell, toError, toldAs } from './guard.ts';
export { defaultHeldBodyBytes } from './held-bodies.ts';
export { HeldBytes } from './held-bytes.ts';
export { cutText, keptText } from './kept-text.ts';
export { type MetricsRegistry, metricsRegistry } from './metrics-registry.ts';
export { canonicalAddress, isAddress, ownAddressProblem } from './own-address.ts';
export { type Payer, runFor, runSoonFor, startIntervalFor, startTimerFor } from './payer.ts';
export { printable, printableLine } from './printable.ts';
export { processFigures } from './process-figures.ts';
export { newId, type Random, random, seededRandom } from './random.ts';
export { RepeatedTask } from './repeated-task.ts';
export { saysAscii } from './says-ascii.ts';
export { nextTurn, sleep } from './sleep.ts';
export { nextGeneration, rowBits, SlotMap } from './slot-map.ts';
export { timerMs } from './timer-delay.ts';

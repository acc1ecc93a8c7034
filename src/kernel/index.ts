export { cpuLimit, threadsFor } from './cpu-limit.ts';
export { ExpressionError, expressionOf } from './expression.ts';
export { FaultLog, REQUEST_FAULT } from './fault-log.ts';
export { type OnFault, toError, toldAs } from './guard.ts';
export { type Payer, runFor, runSoonFor, startIntervalFor, startTimerFor } from './payer.ts';
export { processFigures } from './process-figures.ts';
export { RepeatedTask } from './repeated-task.ts';
export { startTimer, timerMs } from './timer.ts';

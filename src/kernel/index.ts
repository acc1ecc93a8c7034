export { cpuLimit, threadsFor } from './cpu-limit.ts';
export { ExpressionError, expressionOf } from './expression.ts';
export { toError } from './guard.ts';
export { startTimer } from './timer.ts';

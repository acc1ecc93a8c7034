export { cpuLimit, threadsFor } from './cpu-limit.ts';
export { startTimer } from './timer.ts';

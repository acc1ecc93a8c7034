export { startTimer } from './timer.ts';

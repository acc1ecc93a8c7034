import { timerMs } from './timer-delay.ts';

/** What has been started and can be stopped (`stopTimer`). */
export interface Timer {
  /** It does not keep the process alive. */
  unref(): Timer;
  /** It begins anew. */
  refresh(): Timer;
}

/** Where a thread has its time from: the machine, or a clock that a test moves on. */
export interface Clock {
  /** Milliseconds since 1970: for what people and other machines read. It may jump. */
  wallMs(): number;
  /** Milliseconds that only grow: for durations, and for times in shared memory. */
  monotonicMs(): number;
  /** @param durationMs of any size, see `timerMs` */
  start(durationMs: number, run: () => void): Timer;
  /** Again and again. */
  repeat(everyMs: number, run: () => void): Timer;
  stop(timer: Timer | undefined): void;
  /** Is aborted after the time. It does not keep the process alive. */
  signal(durationMs: number): AbortSignal;
}

/** What has to be added to this thread's performance.now() to get the machine's monotonic clock. */
const originMs = machineMs() - performance.now();

function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/**
 * The machine's clock. Its monotonic time is the same in all threads, and nobody sets it: performance.now() begins with its
 * thread, and performance.timeOrigin is read from the wall clock, which can jump.
 */
const MACHINE: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => originMs + performance.now(),
  start: (durationMs, run) => setTimeout(run, timerMs(durationMs)),
  repeat: (everyMs, run) => setInterval(run, timerMs(everyMs)),
  stop: timer => clearTimeout(timer as NodeJS.Timeout | undefined),
  signal: durationMs => AbortSignal.timeout(timerMs(durationMs)),
};

/** This thread's. */
let clock = MACHINE;

/**
 * From here on this thread has its time from there. Before anything is made that keeps a time or a timer.
 * @returns what gives it the clock of the machine again
 */
export function useClock(other: Clock): () => void {
  clock = other;
  return () => {
    clock = MACHINE;
  };
}

/** {@link Clock.monotonicMs} of this thread's clock. */
export function monotonicMs(): number {
  return clock.monotonicMs();
}

/** {@link Clock.wallMs} of this thread's clock. */
export function wallMs(): number {
  return clock.wallMs();
}

/** `setTimeout` of this thread's clock, for durations that may come from outside (manifests, headers, flags). */
export function startTimer(durationMs: number, run: () => void): Timer {
  return clock.start(durationMs, run);
}

/** `setInterval` of this thread's clock. */
export function startInterval(everyMs: number, run: () => void): Timer {
  return clock.repeat(everyMs, run);
}

export function stopTimer(timer: Timer | undefined): void {
  clock.stop(timer);
}

/** `AbortSignal.timeout` of this thread's clock. */
export function timeoutSignal(durationMs: number): AbortSignal {
  return clock.signal(durationMs);
}

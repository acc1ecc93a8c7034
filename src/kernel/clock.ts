/** What has to be added to this thread's performance.now() to get the machine's monotonic clock. */
const originMs = monotonicNow() - performance.now();

function monotonicNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/**
 * Milliseconds on a clock that all threads share and that nobody sets: for durations and for times in shared memory.
 * (performance.now() begins with its thread, and performance.timeOrigin is read from the wall clock, which can jump.)
 */
export function monotonicMs(): number {
  return originMs + performance.now();
}

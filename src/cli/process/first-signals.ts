import { constants } from 'node:os';

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Signals that come before anything is served end the process at once, also where it is the first of a container: the kernel gives that one no default. */
for (const signal of STOP_SIGNALS) process.on(signal, endBySignal);

/** From now on signals mean something else. */
export function takeOverSignals(): void {
  for (const signal of STOP_SIGNALS) process.off(signal, endBySignal);
}

function endBySignal(signal: NodeJS.Signals): void {
  takeOverSignals();
  // Shells look at how a process ended: by the signal, as it would have without us.
  process.kill(process.pid, signal);
  process.exit(128 + constants.signals[signal]);
}

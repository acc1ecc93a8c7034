import { STOP_SIGNALS, takeOverSignals } from '../process/first-signals.ts';

/** Ctrl-C or SIGTERM asks to stop in order; a second one, at once. */
export interface StopRequests {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
}

/** Listens for signals from now on. */
export function stopRequests(): StopRequests {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let seen = 0;
  const onSignal = () => {
    seen++;
    if (seen === 1) first.resolve();
    else second.resolve();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  takeOverSignals();
  return { first: first.promise, second: second.promise };
}

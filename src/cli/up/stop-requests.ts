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
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return { first: first.promise, second: second.promise };
}

/** Rejects when a promise takes longer; a test that waits says for what. */
export async function within<T>(ms: number, what: string | (() => string), promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`waited ${ms} ms for ${typeof what === 'string' ? what : what()}`));
  }, ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const POLL_MS = 5;

/** Looks again until the condition holds. */
export async function eventually(
  ms: number,
  what: string | (() => string),
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const until = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > until)
      throw new Error(`waited ${ms} ms for ${typeof what === 'string' ? what : what()}`);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}

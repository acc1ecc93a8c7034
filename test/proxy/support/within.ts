import { until } from '../../support/until.ts';

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

/** {@link until} with its time first. */
export async function eventually(
  ms: number,
  what: string | (() => string),
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  await until(what, condition, ms);
}

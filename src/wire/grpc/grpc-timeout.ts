/** TimeoutUnit, in milliseconds (grpc/doc/PROTOCOL-HTTP2.md). */
const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;

/** The value of `grpc-timeout` in milliseconds; undefined for what is none. */
export function readTimeoutMs(text: string): number | undefined {
  const found = TIMEOUT.exec(text);
  if (found === null) return undefined;
  return Number(found[1]) * (UNIT_MS[found[2] as string] as number);
}

/** As `grpc-timeout` says it: at most eight digits. */
export function timeoutText(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  return whole < 1e8 ? `${whole}m` : `${Math.min(Math.ceil(whole / 1000), 99_999_999)}S`;
}

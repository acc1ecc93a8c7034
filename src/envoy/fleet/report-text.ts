import type { LeftOut, ObjectRef } from '../../plan/index.ts';
import { type GatewayReport, shortened } from './gateway-report.ts';

/** All annotations of an object: at most 256 KiB (TotalAnnotationSizeLimitB). All replicas read it at each change. */
export const MAX_REPORT_BYTES = 128 * 1024;
const SHORT_CHARACTERS = 100;

/** version, connected, taken, served; the refusal follows, '' if there is none, and what is left out, if there is something. */
type Entry = readonly [string, number, number, 0 | 1];

/**
 * What a replica tells the others of the Envoys that are connected to it, by names of Gateways: JSON. Of Gateways without Envoys
 * there is nothing to tell. Where it is too much, words of Envoys are shortened, and then Gateways without trouble left out.
 */
export function reportText(
  reports: ReadonlyMap<string, GatewayReport>,
  maxBytes: number = MAX_REPORT_BYTES,
): string {
  const connected = [...reports].filter(([, report]) => report.connected > 0);
  const whole = encoded(connected);
  if (Buffer.byteLength(whole) <= maxBytes) return whole;
  const short = connected.map(([name, report]): [string, GatewayReport] => [name, shortReport(report)]);
  const rank = ([, { refusal, leftOut }]: [string, GatewayReport]) =>
    refusal === undefined && leftOut === undefined ? 1 : 0;
  const kept: [string, GatewayReport][] = [];
  let bytes = 2;
  for (const entry of short.toSorted((a, b) => rank(a) - rank(b))) {
    bytes += Buffer.byteLength(encoded([entry])) - 1;
    if (bytes > maxBytes) break;
    kept.push(entry);
  }
  return encoded(kept);
}

/** Some parts are enough to find the others. */
const SHORT_PARTS = 20;

function shortReport({ refusal, leftOut, ...report }: GatewayReport): GatewayReport {
  return {
    ...report,
    ...(refusal !== undefined && { refusal: shortened(refusal, SHORT_CHARACTERS) }),
    ...(leftOut !== undefined && {
      leftOut: leftOut
        .slice(0, SHORT_PARTS)
        .map(each => ({ ...each, message: shortened(each.message, SHORT_CHARACTERS) })),
    }),
  };
}

function encoded(reports: readonly (readonly [string, GatewayReport])[]): string {
  const entries = reports.map(([name, { version, connected, taken, served, refusal, leftOut }]) => {
    const counts: Entry = [version, connected, taken, served ? 1 : 0];
    if (leftOut !== undefined) return [name, [...counts, refusal ?? '', leftOut]] as const;
    return [name, refusal === undefined ? counts : [...counts, refusal]] as const;
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** What is not as this version writes it is left out: another version may be on its way in. */
export function readReports(text: string): Map<string, GatewayReport> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return new Map();
  }
  if (typeof parsed !== 'object' || parsed === null) return new Map();
  return new Map(
    Object.entries(parsed).flatMap(([name, entry]) => {
      const report = readEntry(entry);
      return report === undefined ? [] : [[name, report] as const];
    }),
  );
}

function readEntry(entry: unknown): GatewayReport | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [version, connected, taken, served, refusal, leftOut] = entry as unknown[];
  if (typeof version !== 'string' || typeof connected !== 'number' || typeof taken !== 'number')
    return undefined;
  return {
    version,
    connected,
    taken,
    served: served === 1,
    ...(typeof refusal === 'string' && refusal !== '' && { refusal }),
    ...(Array.isArray(leftOut) && { leftOut: leftOut.flatMap(readLeftOut) }),
  };
}

function readLeftOut(each: unknown): LeftOut[] {
  const { source, rule, listener, message, unmatched } = (each ?? {}) as Record<string, unknown>;
  const { kind, namespace, name } = (source ?? {}) as Record<string, unknown>;
  if (![kind, namespace, name, message].every(text => typeof text === 'string')) return [];
  return [
    {
      source: { kind, namespace, name } as ObjectRef,
      message: message as string,
      ...(typeof rule === 'number' && { rule }),
      ...(typeof listener === 'string' && { listener }),
      ...(unmatched === true && { unmatched: true as const }),
    },
  ];
}

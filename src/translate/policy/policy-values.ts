import { durationMs } from '../../api/index.ts';
import { type FieldPath, fieldName } from '../problem.ts';
import { quantityBytes } from '../quantity.ts';
import { shown } from '../shown.ts';
import type { PolicyPlace } from './policy-fields.ts';
import { idleValueErrors } from './policy-idle-values.ts';
import { fieldsThatRestrict } from './policy-no-effect.ts';
import type { PolicySpec } from './policy-spec.ts';

/** A value that the CRD takes and nobody can act on. */
export interface ValueError {
  /** Begins at `spec`. */
  readonly path: FieldPath;
  readonly message: string;
}

/** A requestBuffer.limit is a uint32 over 0 in Envoy (envoy.extensions.filters.http.buffer.v3.Buffer.max_request_bytes). */
const MAX_BUFFER_BYTES = 0xffffffff;

/**
 * Durations that Envoy takes only over 0: Cluster.connect_timeout, OutlierDetection.interval and .base_ejection_time,
 * HealthCheck.interval and .timeout, FaultDelay.fixed_delay (the rules `duration.gt` of those messages).
 */
const OVER_ZERO: readonly FieldPath[] = [
  ['timeout', 'tcp', 'connectTimeout'],
  ['healthCheck', 'passive', 'interval'],
  ['healthCheck', 'passive', 'baseEjectionTime'],
  ['healthCheck', 'active', 'interval'],
  ['healthCheck', 'active', 'timeout'],
  ['faultInjection', 'delay', 'fixedDelay'],
];

/** Those of Envoy Gateway (ir.HTTPHealthChecker.Validate). */
const HEALTH_CHECK_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'];

/** RFC 9112 section 3.2.1, origin-form: a request line has a path that begins with a slash, and no blanks in it. */
const REQUEST_TARGET = /^\/[!-"$-~]*$/;

/** FaultAbort.http_status is below this; the CRD takes it. */
const STATUS_END = 600;

/**
 * What a policy asks for that its CRD takes and that cannot be applied, what would restrict first: the targets of the policy
 * are answered with 500, as with any policy that Envoy Gateway cannot apply, and everything else is served.
 */
export function valueErrors(spec: PolicySpec, place: PolicyPlace = 'routes'): ValueError[] {
  const found: ValueError[] = fieldsThatRestrict(spec, place).map(({ path, why }) => ({
    path,
    message: `cannot honour ${fieldName(path)}, which restricts: ${why}`,
  }));
  const refuse = (path: FieldPath, expected: string, got: unknown) => {
    const at = ['spec', ...path];
    found.push({ path: at, message: `invalid ${fieldName(at)}: must be ${expected}, got ${shown(got)}` });
  };
  for (const path of OVER_ZERO) {
    const text = valueAt(spec, path);
    if (typeof text === 'string' && durationMs(text) === 0) refuse(path, 'more than 0s', text);
  }
  const http = spec.healthCheck?.active?.http;
  const base: FieldPath = ['healthCheck', 'active', 'http'];
  if (http !== undefined && !REQUEST_TARGET.test(http.path))
    refuse([...base, 'path'], 'a path that begins with / and has no blanks or control characters', http.path);
  if (http?.method !== undefined && !HEALTH_CHECK_METHODS.includes(http.method.toUpperCase()))
    refuse([...base, 'method'], `one of ${HEALTH_CHECK_METHODS.join(', ')}`, http.method);
  const status = spec.faultInjection?.abort?.httpStatus;
  if (status !== undefined && status >= STATUS_END)
    refuse(['faultInjection', 'abort', 'httpStatus'], 'from 200 to 599', status);
  const limit = spec.requestBuffer?.limit;
  const bytes = limit === undefined ? undefined : quantityBytes(limit);
  if (spec.requestBuffer !== undefined && (bytes === undefined || bytes < 1 || bytes > MAX_BUFFER_BYTES))
    refuse(['requestBuffer', 'limit'], `from 1 to ${MAX_BUFFER_BYTES} bytes`, limit);
  return [...found, ...idleValueErrors(spec)];
}

function valueAt(spec: unknown, path: FieldPath): unknown {
  let value = spec;
  for (const part of path) value = (value as Record<string, unknown> | undefined)?.[part];
  return value;
}

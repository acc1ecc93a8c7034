import { field, type Head, type Response } from '../../proxy/support/message.ts';
import type { Received } from '../../proxy/support/upstream.ts';

/** Headers that one plane alone adds, whatever the request; docs/reference/planes.md lists them. */
export const ONE_PLANE_ONLY = {
  request: [
    ['x-forwarded-for', 'envoy', 'for a client on the loopback address: an address of its machine instead'],
    ['x-envoy-external-address', 'envoy', "the client's address, Envoy's own word for it"],
    [
      'x-gateway-destination-endpoint',
      'envoy',
      'of a pool: the endpoint that was picked (Endpoint Picker Protocol)',
    ],
    ['x-envoy-expected-rq-timeout-ms', 'envoy', 'how long Envoy will wait, where a time-out is set'],
  ],
  response: [
    ['x-envoy-upstream-service-time', 'envoy', 'milliseconds that the backend took to begin its answer'],
    ['x-breakwater-reason', 'embedded', 'why it refused a request; on the Envoy plane for pools only'],
    ['retry-after', 'embedded', 'on an overflow, where it is known; on the Envoy plane for pools only'],
  ],
} as const;

const IGNORED: Record<'request' | 'response', ReadonlySet<string>> = {
  request: new Set(ONE_PLANE_ONLY.request.map(([name]) => name).filter(name => name !== 'x-forwarded-for')),
  response: new Set(ONE_PLANE_ONLY.response.map(([name]) => name)),
};

/** The fields of a head, sorted, without what differs from one request to the next. */
function fieldsOf({ fields }: Head, ignored: ReadonlySet<string>): string[] {
  return fields
    .filter(([name]) => !ignored.has(name))
    .map(([name, value]) => `${name}: ${shown(name, value)}`)
    .sort();
}

/** For a client on the loopback address Envoy says an address of its machine. */
function shown(name: string, value: string): string {
  if (name === 'x-forwarded-for') return value.replace(/[0-9.]+$/, 'CLIENT');
  if (name === 'connection') return value.toLowerCase();
  return VOLATILE.has(name) ? '…' : value;
}

const VOLATILE: ReadonlySet<string> = new Set(['date', 'x-request-id']);

/** A whole answer. */
export function answered(response: Response) {
  const { line, body, trailers } = response;
  return { line, fields: fieldsOf(response, IGNORED.response), body, trailers };
}

/** An answer of a pool, which says on both planes why it is refused and until when. */
export function answeredByPool(response: Response) {
  return { ...answered(response), ...pick(response, 'x-breakwater-reason', 'retry-after') };
}

/** Status and body, which say which route and upstream it was. */
export function brief({ status, body }: Response): string {
  return `${status} ${body}`.trimEnd();
}

/** A request as an upstream got it. */
export function received({ head }: Received) {
  return { line: head.line, fields: fieldsOf(head, IGNORED.request) };
}

/** Some fields of an answer, those that are there. */
export function pick(head: Head, ...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap(name => {
      const value = field(head, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

import { plainRoute } from '../../proxy/support/manifests.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered, brief, pick } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const NO_BACKEND = (more: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: more }
spec:
  parentRefs: [{ name: gateway }]
  hostnames: [more]
  rules:
${more}`;

interface Modified {
  readonly name: string;
  readonly rule: string;
  readonly policy?: string;
  readonly request?: string;
  readonly down?: true;
}

const SERVERS = 'backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: servers }]';
const MODIFIED_REPLIES: readonly Modified[] = [
  { name: 'a connection failure', rule: SERVERS, down: true },
  { name: 'a rule without backends', rule: '' },
  { name: 'a backend that is not there', rule: 'backendRefs: [{ name: none, port: 80 }]' },
  { name: 'a time-out', rule: `timeouts: { request: 50ms }\n    ${SERVERS}` },
  {
    name: 'a fault that aborts',
    rule: SERVERS,
    policy: 'faultInjection: { abort: { httpStatus: 418, percentage: 100 } }',
  },
  { name: 'an overflow', rule: SERVERS, policy: 'circuitBreaker: { maxPendingRequests: 0 }' },
  {
    name: 'a body that is too large',
    rule: SERVERS,
    policy: 'requestBuffer: { limit: 1 }',
    request: 'POST / HTTP/1.1\r\nhost: more\r\ncontent-length: 2\r\n\r\nab',
  },
];

function ruleWithModifier(rule: string): string {
  return NO_BACKEND(`  - filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: x-a, value: b }] } }]
    ${rule}`);
}

function policyOf(policy: string | undefined): string {
  if (policy === undefined) return '';
  return `
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: { name: more }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: more }]
  ${policy}`;
}

/** Answers that no backend gave, byte for byte. */
export const LOCAL_REPLIES: readonly Scenario[] = [
  {
    name: 'no route: 404',
    manifests: plainRoute({ hostnames: ['b.example.com'] }),
    run: async ({ send }) => answered(await send(GET)),
  },
  {
    name: 'a HEAD request without a route: how its answer would be framed',
    manifests: plainRoute({ hostnames: ['b.example.com'] }),
    run: async ({ send }) =>
      pick(await send('HEAD / HTTP/1.1\r\nhost: a\r\n\r\n'), 'content-length', 'transfer-encoding'),
    differs: {
      why: 'HEAD has no body on either; the embedded plane says the length that GET would have (RFC 9110 section 9.3.2).',
      embedded: { 'content-length': '0' },
      envoy: { 'transfer-encoding': 'chunked' },
    },
  },
  {
    name: 'nobody listens: 503',
    // Two, as what is said depends on whether there is another one to try.
    upstreams: () => [() => {}, () => {}],
    run: async ({ send, upstreams }) => {
      for (const each of upstreams) await each.close();
      return answered(await send(GET));
    },
  },
  {
    name: 'a backend that ends before its answer: 503',
    upstreams: () => [({ wire }) => void wire.socket.end()],
    run: async ({ send }) => answered(await send(GET)),
  },
  {
    name: 'a backend that resets before its answer: 503',
    upstreams: () => [({ wire }) => wire.reset()],
    run: async ({ send }) => answered(await send(GET)),
  },
  {
    name: 'a backend that answers with garbage: 502',
    upstreams: () => [({ wire }) => void wire.write('blah blah\r\n\r\n')],
    run: async ({ send }) => answered(await send(GET)),
  },
  {
    name: 'a request that takes too long: 504',
    manifests: plainRoute({ rule: 'timeouts: { request: 100ms }' }),
    upstreams: () => [() => {}],
    run: async ({ send }) => answered(await send(GET)),
  },
  {
    name: 'a Backend that is not there: 500',
    manifests: plainRoute({
      more: NO_BACKEND('  - backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: none }]'),
    }),
    run: async ({ send }) => answered(await send('GET / HTTP/1.1\r\nhost: more\r\n\r\n')),
  },
  {
    name: 'a rule without backends: 500',
    manifests: plainRoute({ more: NO_BACKEND('  - matches: [{ path: { value: / } }]') }),
    run: async ({ send }) => answered(await send('GET / HTTP/1.1\r\nhost: more\r\n\r\n')),
  },
  {
    name: 'a fault that aborts',
    manifests: plainRoute({ policy: 'faultInjection: { abort: { httpStatus: 429, percentage: 100 } }' }),
    run: async ({ send }) => answered(await send(GET)),
  },
  {
    name: 'a body larger than its buffer: 413',
    manifests: plainRoute({ policy: 'requestBuffer: { limit: 10 }' }),
    run: async ({ send }) => {
      const response = await send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\n01234567890');
      return { brief: brief(response), ...pick(response, 'content-type', 'content-length', 'connection') };
    },
    differs: {
      why: 'The embedded plane reads the rest of a small body and keeps the connection; Envoy closes it.',
      embedded: { brief: '413 Payload Too Large', 'content-type': 'text/plain', 'content-length': '17' },
      envoy: {
        brief: '413 Payload Too Large',
        'content-type': 'text/plain',
        'content-length': '17',
        connection: 'close',
      },
    },
  },
  {
    name: 'the phrase of a status that Envoy does not know',
    manifests: plainRoute({ policy: 'faultInjection: { abort: { httpStatus: 418, percentage: 100 } }' }),
    run: async ({ send }) => (await send(GET)).line,
    differs: {
      why: 'Reason phrases mean nothing (RFC 9112 section 4); Envoy has a list of its own.',
      embedded: "HTTP/1.1 418 I'm a Teapot",
      envoy: 'HTTP/1.1 418 Unknown',
    },
  },
  ...MODIFIED_REPLIES.map(
    ({ name, rule, policy, request, down }): Scenario => ({
      name: `a rule's ResponseHeaderModifier on ${name}`,
      manifests: plainRoute({
        hostnames: ['b.example.com'],
        more: ruleWithModifier(rule) + policyOf(policy),
      }),
      upstreams: () => [() => {}],
      run: async ({ send, upstream }) => {
        if (down === true) await upstream.close();
        return answered(await send(request ?? 'GET / HTTP/1.1\r\nhost: more\r\n\r\n')).fields.includes(
          'x-a: b',
        );
      },
    }),
  ),
];

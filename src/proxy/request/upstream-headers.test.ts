import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_HEADER_MUTATION } from '../../plan/index.ts';
import { parseRequestHead } from '../http1/http1-request-head.ts';
import { upstreamHeaders } from './upstream-headers.ts';

const CLIENT = { scheme: 'https', address: '192.0.2.7' } as const;
const none = { requestHeaders: NO_HEADER_MUTATION };

function sent(fields: readonly string[], route = none, backend = none): string[] {
  const head = parseRequestHead(['GET /as-sent HTTP/1.1', 'host: a', ...fields].join('\r\n'), 50);
  return lines(upstreamHeaders({ route, backend, host: 'b.example' }, head, 'id-1', CLIENT));
}

function lines(headers: readonly string[]): string[] {
  return headers.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${headers[i + 1]}`] : []));
}

const OWN = ['x-forwarded-for: 192.0.2.7', 'x-forwarded-proto: https', 'x-request-id: id-1'];

test('the route chooses the host', () => {
  assert.deepEqual(sent(['accept: */*']), ['host: b.example', 'accept: */*', ...OWN]);
});

test('hop-by-hop fields, those that Connection names, and what clients must not say stay here', () => {
  const fields = [
    'Connection: keep-alive, x-hop',
    'keep-alive: 5',
    'x-hop: 1',
    'te: gzip',
    'expect: 100-continue',
    'x-gateway-destination-endpoint: 10.0.0.1:80',
    'x-breakwater-explain: 1',
    'x-request-id: forged',
    'x-forwarded-proto: forged',
  ];
  assert.deepEqual(sent(fields).slice(1), OWN);
});

test("te: trailers goes on, an upgrade is its codec's to say, x-forwarded-for grows", () => {
  const fields = sent([
    'te: trailers',
    'connection: upgrade',
    'upgrade: websocket',
    'x-forwarded-for: 198.51.100.1',
  ]);
  assert.deepEqual(fields.slice(1), [
    'te: trailers',
    'x-forwarded-for: 198.51.100.1,192.0.2.7',
    ...OWN.slice(1),
  ]);
});

test("an external picker's changes come before the filters", () => {
  const head = parseRequestHead('GET / HTTP/1.1\r\nhost: a', 50);
  const set = (name: string, value: string) => ({ ...NO_HEADER_MUTATION, set: [{ name, value }] });
  const route = { requestHeaders: set('x-a', 'rule') };
  const changes = { ...NO_HEADER_MUTATION, set: [...set('x-a', 'picker').set, ...set('x-b', 'picker').set] };
  const headers = upstreamHeaders({ route, backend: none, host: 'a' }, head, 'id', CLIENT, changes);
  assert.deepEqual(lines(headers).slice(-2), ['x-b: picker', 'x-a: rule']);
});

test("the rule's filters act first, then the backendRef's", () => {
  const set = (value: string) => ({
    requestHeaders: { ...NO_HEADER_MUTATION, set: [{ name: 'x-a', value }] },
  });
  assert.deepEqual(
    sent(['x-a: client'], set('rule'), set('backend')).filter(line => line.startsWith('x-a')),
    ['x-a: backend'],
  );
});

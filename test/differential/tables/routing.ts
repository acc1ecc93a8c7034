import { plainRoute } from '../../proxy/support/manifests.ts';
import { frame, toServer } from '../support/many-routes.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

const asked = (host: string, path = '/', more = '', method = 'GET') =>
  `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${more}\r\n`;

/** Each row: the routes, then requests and which of them serves each. */
function row(
  name: string,
  documents: (port: number) => string,
  requests: readonly (readonly [request: string, served: string])[],
): Scenario {
  return {
    name,
    manifests: frame(documents),
    upstreams: () => [
      async ({ wire, head }) => {
        const served = head.fields.find(([name]) => name === 'x-served-by')?.[1] ?? 'nobody';
        wire.write(`HTTP/1.1 200 OK\r\ncontent-length: ${served.length}\r\n\r\n${served}`);
      },
    ],
    run: async ({ send }) => {
      const seen: Record<string, string> = {};
      for (const [request] of requests) seen[request] = brief(await send(request));
      return seen;
    },
    gives: Object.fromEntries(
      requests.map(([request, served]) => [request, served === '404' ? '404' : `200 ${served}`]),
    ),
  };
}

/** Which route a request goes to. */
export const ROUTING: readonly Scenario[] = [
  row(
    'exact hosts before wildcards before any',
    () =>
      [
        toServer({ to: 'any' }),
        toServer({ to: 'wild', hostnames: ['*.example.com'] }),
        toServer({ to: 'longer', hostnames: ['*.a.example.com'] }),
        toServer({ to: 'exact', hostnames: ['x.a.example.com'] }),
      ].join('\n---\n'),
    [
      [asked('x.a.example.com'), 'exact'],
      [asked('X.A.Example.COM'), 'exact'],
      [asked('x.a.example.com:8080'), 'exact'],
      [asked('y.a.example.com'), 'longer'],
      [asked('z.y.a.example.com'), 'longer'],
      [asked('a.example.com'), 'wild'],
      [asked('example.com'), 'any'],
      [asked('127.0.0.1'), 'any'],
      [asked('[::1]:80'), 'any'],
    ],
  ),
  row(
    'paths: exact, then the longest prefix, by whole elements',
    () =>
      toServer({
        rules: [
          { to: 'root', match: 'path: { type: PathPrefix, value: / }' },
          { to: 'a', match: 'path: { type: PathPrefix, value: /a }' },
          { to: 'ab', match: 'path: { type: PathPrefix, value: /a/b/ }' },
          { to: 'exact', match: 'path: { type: Exact, value: /a/b }' },
          { to: 'regex', match: 'path: { type: RegularExpression, value: "/r/[0-9]+" }' },
        ],
      }),
    [
      [asked('h', '/'), 'root'],
      [asked('h', '/?a=/a'), 'root'],
      [asked('h', '/a'), 'a'],
      [asked('h', '/a?x'), 'a'],
      [asked('h', '/a/'), 'a'],
      [asked('h', '/abc'), 'root'],
      [asked('h', '/a/b'), 'exact'],
      [asked('h', '/a/b?c'), 'exact'],
      [asked('h', '/a/b/'), 'ab'],
      [asked('h', '/a/b/c'), 'ab'],
      [asked('h', '/A'), 'root'],
      [asked('h', '/r/12'), 'regex'],
      [asked('h', '/r/12?q=1'), 'regex'],
      [asked('h', '/r/12/3'), 'root'],
      [asked('h', '/r/x'), 'root'],
    ],
  ),
  row(
    'methods, headers and query parameters',
    () =>
      toServer({
        rules: [
          { to: 'any' },
          { to: 'post', match: 'method: POST' },
          { to: 'one', match: 'headers: [{ name: X-A, value: "1" }]' },
          { to: 'two', match: 'headers: [{ name: x-a, value: "1" }, { name: x-b, value: "2" }]' },
          { to: 'pattern', match: 'headers: [{ name: x-c, type: RegularExpression, value: "v[0-9]+" }]' },
          { to: 'query', match: 'queryParams: [{ name: q, value: "1" }]' },
          { to: 'queries', match: 'queryParams: [{ name: q, value: "1" }, { name: r, value: "a%20b" }]' },
          {
            to: 'queryPattern',
            match: 'queryParams: [{ name: s, type: RegularExpression, value: "[a-z]+" }]',
          },
        ],
      }),
    [
      [asked('h'), 'any'],
      [asked('h', '/', 'content-length: 0\r\n', 'POST'), 'post'],
      [asked('h', '/', 'x-a: 1\r\n'), 'one'],
      [asked('h', '/', 'X-A: 1\r\n'), 'one'],
      [asked('h', '/', 'x-a: 2\r\n'), 'any'],
      [asked('h', '/', 'x-a: 1\r\nx-b: 2\r\n'), 'two'],
      [asked('h', '/', 'x-c: v12\r\n'), 'pattern'],
      [asked('h', '/', 'x-c: v12x\r\n'), 'any'],
      [asked('h', '/?q=1'), 'query'],
      [asked('h', '/?q=2&q=1'), 'any'],
      [asked('h', '/?q=1&q=2'), 'query'],
      [asked('h', '/?Q=1'), 'any'],
      [asked('h', '/?q=1&r=a%20b'), 'queries'],
      [asked('h', '/?q=1&r=a+b'), 'query'],
      [asked('h', '/?q=1&r=a%20b&q'), 'queries'],
      [asked('h', '/?%71=1'), 'any'],
      [asked('h', '/?&&q=1&'), 'query'],
      [asked('h', '/?q=1=2'), 'any'],
      [asked('h', '/?x?q=1'), 'any'],
      [asked('h', '/?s=abc'), 'queryPattern'],
      [asked('h', '/?s=ab1'), 'any'],
      [asked('h', '/?s='), 'any'],
      [asked('h', '/?s'), 'any'],
    ],
  ),
  row(
    'a repeated header matches by any of its lines',
    () =>
      toServer({ rules: [{ to: 'any' }, { to: 'list', match: 'headers: [{ name: x-a, value: "1,2" }]' }] }),
    [
      [asked('h', '/', 'x-a: 1\r\nx-a: 2\r\n'), 'any'],
      [asked('h', '/', 'x-a: 3\r\nx-a: 1,2\r\n'), 'list'],
      [asked('h', '/', 'x-a: 1,2\r\n'), 'list'],
      [asked('h', '/', 'x-a: 1, 2\r\n'), 'any'],
    ],
  ),
  row(
    "expressions in RE2's own words",
    () =>
      toServer({
        rules: [
          { to: 'any' },
          { to: 'class', match: 'path: { type: RegularExpression, value: "(?i)/CLASS/[[:digit:]]+\\\\pL" }' },
          {
            to: 'named',
            match: 'headers: [{ name: x-v, type: RegularExpression, value: "(?P<v>v)\\\\d{2,3}\\\\z" }]',
          },
          { to: 'linear', match: 'headers: [{ name: x-l, type: RegularExpression, value: "(a*)*(a|a)*b" }]' },
        ],
      }),
    [
      [asked('h', '/class/12x'), 'class'],
      [asked('h', '/Class/12'), 'any'],
      [asked('h', '/', 'x-v: v12\r\n'), 'named'],
      [asked('h', '/', 'x-v: v1234\r\n'), 'any'],
      [asked('h', '/', `x-l: ${'a'.repeat(5000)}b\r\n`), 'linear'],
      [asked('h', '/', `x-l: ${'a'.repeat(5000)}c\r\n`), 'any'],
    ],
  ),
  row(
    'nothing but what is named',
    () => toServer({ to: 'only', hostnames: ['a.example.com'], match: 'path: { value: /v1 }' }),
    [
      [asked('a.example.com', '/v1'), 'only'],
      [asked('a.example.com', '/v2'), '404'],
      [asked('b.example.com', '/v1'), '404'],
      [asked('xa.example.com', '/v1'), '404'],
    ],
  ),
  {
    name: 'a host of another listener of the port',
    manifests: plainRoute({
      listener: 'hostname: "*.example.com"',
      listeners: port => `- { name: two, port: ${port}, protocol: HTTP, hostname: two.example.com }`,
      hostnames: ['a.example.com'],
    }),
    run: async ({ send }) => {
      const seen: string[] = [];
      for (const host of ['a.example.com', 'b.example.com', 'two.example.com', 'other'])
        seen.push(brief(await send(asked(host))));
      return seen;
    },
    gives: ['200 ok', '404', '404', '404'],
  },
];

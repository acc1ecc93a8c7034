import { plainRoute } from '../../proxy/support/manifests.ts';
import { answer } from '../../proxy/support/upstream.ts';
import { frame } from '../support/many-routes.ts';
import type { Scenario } from '../support/scenario.ts';
import { pick } from '../support/seen.ts';

const PATHS = ['/p', '/p/', '/p/x', '/p/x/', '/p?q=1', '/p/?q=1', '/p/x?q=/p', '/p/%20x', '/px'];

function upstreamSees(name: string, match: string, rewrite: string, paths = PATHS): Scenario {
  return {
    name: `rewrite: ${name}`,
    manifests: plainRoute({
      rule: `matches: [{ path: ${match} }]\nfilters: [{ type: URLRewrite, urlRewrite: ${rewrite} }]`,
    }),
    upstreams: () => [
      ({ wire, head }) =>
        void wire.write(answer(`${head.line} ${head.fields.find(([name]) => name === 'host')?.[1]}`)),
    ],
    run: async ({ send }) => {
      const seen: Record<string, string> = {};
      for (const path of paths) {
        const { status, body } = await send(`GET ${path} HTTP/1.1\r\nhost: a:80\r\n\r\n`);
        seen[path] = status === 200 ? body : String(status);
      }
      return seen;
    },
  };
}

function location(name: string, match: string, redirect: string, hosts = ['a', 'a:8080']): Scenario {
  return {
    name: `redirect: ${name}`,
    manifests: frame(
      () => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: route }
spec:
  parentRefs: [{ name: gateway }]
  rules:
  - matches: [{ path: ${match} }]
    filters: [{ type: RequestRedirect, requestRedirect: ${redirect} }]
`,
    ),
    run: async ({ send, port }) => {
      const seen: Record<string, unknown> = {};
      for (const host of hosts) {
        for (const path of ['/p', '/p/', '/p/x?q=1', '/p?q']) {
          const response = await send(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
          const fields = pick(response, 'location', 'content-length', 'content-type', 'transfer-encoding');
          seen[`${host}${path}`] = {
            line: response.line,
            ...fields,
            location: fields['location']?.replace(`:${port}`, ':PORT'),
            body: response.body,
          };
        }
      }
      return seen;
    },
  };
}

const PREFIX = '{ type: PathPrefix, value: /p }';
const replaced = (value: string) =>
  `{ path: { type: ReplacePrefixMatch, replacePrefixMatch: ${JSON.stringify(value)} } }`;
const full = (value: string) =>
  `{ path: { type: ReplaceFullPath, replaceFullPath: ${JSON.stringify(value)} } }`;

/** URLRewrite and RequestRedirect. */
export const REWRITES: readonly Scenario[] = [
  upstreamSees('a prefix', PREFIX, replaced('/new')),
  upstreamSees('a prefix, with a slash at the end', PREFIX, replaced('/new/')),
  upstreamSees('a prefix that is matched with a slash', '{ type: PathPrefix, value: /p/ }', replaced('/new')),
  upstreamSees('a prefix by the root', PREFIX, replaced('/')),
  upstreamSees('a prefix by nothing', PREFIX, replaced('')),
  upstreamSees('the root by a prefix', '{ type: PathPrefix, value: / }', replaced('/new'), [
    '/',
    '/x',
    '/x?q',
    '/?q',
  ]),
  upstreamSees('the root by the root', '{ type: PathPrefix, value: / }', replaced('/'), ['/', '/x', '/?q']),
  upstreamSees('the whole path', PREFIX, full('/new')),
  upstreamSees('the whole path, with a backslash and dollars', PREFIX, full('/n\\1$1$&')),
  upstreamSees('the host', PREFIX, '{ hostname: other.example.com }'),
  location('scheme', PREFIX, '{ scheme: https }', ['a']),
  {
    ...location(
      'scheme, for a Host with a port, where the route is for any host',
      PREFIX,
      '{ scheme: https }',
      ['a:8080'],
    ),
    run: async ({ send }) => pick(await send('GET /p HTTP/1.1\r\nhost: a:8080\r\n\r\n'), 'location'),
    differs: {
      why: 'Envoy keeps the port of the Host unless it is told another; where the host is not known beforehand, the implied one is told.',
      embedded: { location: 'https://a/p' },
      envoy: { location: 'https://a:443/p' },
    },
  },
  location('host', PREFIX, '{ hostname: other.example.com }'),
  location('port', PREFIX, '{ port: 8443, statusCode: 301 }'),
  location('scheme and implied port', PREFIX, '{ scheme: https, port: 443, hostname: other.example.com }'),
  location('the same scheme', PREFIX, '{ scheme: http, hostname: other.example.com }'),
  location('another scheme and port', PREFIX, '{ scheme: https, port: 80, hostname: other.example.com }'),
  location('a prefix', PREFIX, replaced('/new')),
  location('a prefix by the root', PREFIX, replaced('/')),
  location('a prefix, with a slash at the end', PREFIX, replaced('/new/')),
  location('the whole path', PREFIX, full('/new')),
];

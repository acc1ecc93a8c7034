import { plainRoute } from '../../proxy/support/manifests.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered } from '../support/seen.ts';

const preflight = (origin: string, method: string, headers = '') =>
  `OPTIONS / HTTP/1.1\r\nhost: a\r\norigin: ${origin}\r\naccess-control-request-method: ${method}\r\n${
    headers === '' ? '' : `access-control-request-headers: ${headers}\r\n`
  }\r\n`;
const simple = (origin: string, method = 'GET') =>
  `${method} / HTTP/1.1\r\nhost: a\r\norigin: ${origin}\r\n\r\n`;

const NAMED = `allowOrigins: ["https://www.foo.com", "https://*.bar.com", "http://a.example:8080"],
  allowMethods: [GET, OPTIONS], allowHeaders: [x-1, x-2], exposeHeaders: [x-3, x-4], allowCredentials: true, maxAge: 3600`;
const ANY = 'allowOrigins: ["*"], allowMethods: ["*"], allowHeaders: ["*"], exposeHeaders: ["*"]';

function row(name: string, cors: string, text: string, more = ''): Scenario {
  return {
    name: `CORS: ${name}`,
    manifests: plainRoute({ rule: `filters: [{ type: CORS, cors: { ${cors} } }${more}]` }),
    run: async ({ send, upstream }) => ({
      answer: answered(await send(text)),
      reached: upstream.requests.length,
    }),
  };
}

/** Cross-origin requests of browsers (Gateway API, HTTPCORSFilter). */
export const CORS: readonly Scenario[] = [
  row('a preflight of an origin that is named', NAMED, preflight('https://www.foo.com', 'GET', 'x-1, x-2')),
  row('a preflight of an origin below a wildcard', NAMED, preflight('https://a.b.bar.com', 'GET')),
  row('a preflight of an origin with a port', NAMED, preflight('http://a.example:8080', 'GET')),
  row('a preflight of another origin', NAMED, preflight('https://foobar.com', 'GET')),
  row(
    'a preflight of an origin that only begins alike',
    NAMED,
    preflight('https://www.foo.com.evil.com', 'GET'),
  ),
  row('a preflight of a method that is not named', NAMED, preflight('https://www.foo.com', 'DELETE')),
  row('a preflight where anything goes', ANY, preflight('https://foobar.com:1', 'PUT', 'x-9')),
  row(
    'a preflight with credentials where anything goes',
    `${ANY}, allowCredentials: true`,
    preflight('https://a.com', 'PUT', 'x-9'),
  ),
  row('OPTIONS that is no preflight', NAMED, simple('https://www.foo.com', 'OPTIONS')),
  row(
    'OPTIONS without an origin',
    NAMED,
    'OPTIONS / HTTP/1.1\r\nhost: a\r\naccess-control-request-method: GET\r\n\r\n',
  ),
  row('a request of an origin that is named', NAMED, simple('https://www.foo.com')),
  row('a request of another origin', NAMED, simple('https://foobar.com')),
  row('a request of any origin', ANY, simple('null', 'PUT')),
  row('a policy without origins', 'allowMethods: [GET]', preflight('https://www.foo.com', 'GET')),
  row(
    'what filters of the route set goes before, but not over it',
    NAMED,
    simple('https://www.foo.com'),
    ', { type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: access-control-allow-origin, value: x }, { name: x-y, value: z }] } }',
  ),
];

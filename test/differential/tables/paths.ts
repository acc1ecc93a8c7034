import { answer } from '../../proxy/support/upstream.ts';
import type { Scenario } from '../support/scenario.ts';
import { pick } from '../support/seen.ts';

const ALL_PRINTABLE = Array.from({ length: 0x7f - 0x21 }, (_, i) => i + 0x21).filter(
  c => !'#%?'.includes(String.fromCharCode(c)),
);

const PATHS = [
  `/${ALL_PRINTABLE.map(c => `a${String.fromCharCode(c)}`).join('')}`,
  `/${ALL_PRINTABLE.filter(c => c !== 0x2f && c !== 0x5c)
    .map(c => `%${c.toString(16)}`)
    .join('')}`,
  '/a//../b',
  '/%zz%41%',
  '/',
  '/a/b',
  '//a//b',
  '/a/./b',
  '/a/../b',
  '/a/b/..',
  '/a/b/.',
  '/..',
  '/../a',
  '/a/../..',
  '/%2e%2e/a',
  '/a/%2e/b',
  '/a/%2E%2E/b',
  '/a%2Fb',
  '/a%2fb?c=%2F',
  '/a%5Cb',
  '/a\\b',
  '/a%2F..%2Fb',
  '/a%00b',
  '/a%zzb',
  '/a%',
  '/a%41b',
  '/a%7Eb~',
  '/a;b=c/d',
  '/a%20b',
  '/a?//b/../c',
  '/a?b#c',
  '/a#c',
  '/a|b',
  '/a"b',
  '/a<b>',
  '/%E4%B8%AD',
  '/...',
  '/.a',
  '/a./b',
];

function path(target: string): Scenario {
  return {
    name: `path ${target}`,
    upstreams: () => [({ wire, head }) => void wire.write(answer(head.line))],
    run: async ({ send }) => {
      const response = await send(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`);
      const { status, body } = response;
      return { status, ...(status === 200 && { body }), ...pick(response, 'location') };
    },
  };
}

/** Paths as the upstream gets them, or why they are refused. */
export const PATHS_TABLE: readonly Scenario[] = [
  ...PATHS.map(path),
  {
    name: 'OPTIONS *',
    upstreams: () => [({ wire, head }) => void wire.write(answer(head.line))],
    run: async ({ send }) => {
      const { status, body } = await send('OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n');
      return { status, body };
    },
  },
  {
    name: 'a slash and a slash',
    upstreams: () => [({ wire, head }) => void wire.write(answer(head.line))],
    run: async ({ send }) => (await send('GET // HTTP/1.1\r\nhost: a\r\n\r\n')).body,
    differs: {
      why: 'Envoy merges slashes, but not where there is nothing else.',
      embedded: 'GET / HTTP/1.1',
      envoy: 'GET // HTTP/1.1',
    },
  },
  {
    name: 'a path with bytes that are not ASCII',
    upstreams: () => [({ wire, head }) => void wire.write(answer(head.line))],
    run: async ({ send }) => (await send('GET /\xc3\xa9 HTTP/1.1\r\nhost: a\r\n\r\n')).status,
    differs: { why: 'Clients do send them; Envoy refuses them.', embedded: 200, envoy: 400 },
  },
  {
    name: 'GET *',
    run: async ({ send }) => (await send('GET * HTTP/1.1\r\nhost: a\r\n\r\n')).status,
    differs: {
      why: 'No route matches it on the embedded plane; Envoy takes it for no target.',
      embedded: 404,
      envoy: 400,
    },
  },
  {
    name: 'CONNECT',
    run: async ({ send }) => (await send('CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n')).status,
    differs: { why: 'Neither is a forward proxy; Envoy looks for a route first.', embedded: 400, envoy: 404 },
  },
];

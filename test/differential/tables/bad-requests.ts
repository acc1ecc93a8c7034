import { readResponse } from '../../proxy/support/message.ts';
import { echo } from '../../proxy/support/upstream.ts';
import { WireEnded } from '../../proxy/support/wire.ts';
import { within } from '../../proxy/support/within.ts';
import { BAD_REQUESTS, LARGE_REQUESTS } from '../../proxy/tables/bad-requests.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered } from '../support/seen.ts';

/** What Envoy takes, or refuses in another way, and the embedded plane does not. */
const ENVOY_INSTEAD: ReadonlyMap<string, string> = new Map([
  ['obs-fold', '200'],
  ['a folded transfer coding', '200'],
  ['bare LF between lines', '200'],
  ['bare LF at the end', '200'],
  ['bare LF in a value', '200'],
  ['bare CR in a value', '200'],
  ['CR CR LF', '200'],
  ['two Hosts', '200'],
  ['the same Host twice', '200'],
  ['a Host with a user', '200'],
  ['a Host with a port that is none', '200'],
  ['no version', '426'],
  ['two spaces before the target', '200'],
  ['a tab as separator', '200'],
  ['a trailing space', '200'],
  ['a chunk size with a trailing space', '200'],
  ['a blank before a chunk extension', '200'],
  ['a chunk longer than its size', '200'],
  ['bare LF after a chunk', '200'],
  ['NUL in a chunk extension', '200'],
  ['a chunk extension of 5 KB', '200'],
  ['a folded trailer', '200'],
  ['bare LF in a trailer', '200'],
  ['trailers of 20 KB', '200'],
]);

const WHY =
  'The embedded plane refuses what two programs could read in two ways (RFC 9112 sections 2.2, 3.2, 5, 11.2), or what has no end; Envoy reads it in one way and sends it on in good order.';

function bad([name, bytes, status]: readonly [string, string, number]): Scenario {
  const envoy = ENVOY_INSTEAD.get(name);
  return {
    name: `bad request: ${name}`,
    upstreams: () => [echo],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(bytes);
      return within(3000, 'an answer', readResponse(client)).then(
        response => String(response.status),
        error => (error instanceof WireEnded ? 'closed' : 'waits for more'),
      );
    },
    ...(envoy === undefined
      ? { gives: String(status) }
      : { differs: { why: WHY, embedded: String(status), envoy } }),
  };
}

/** Requests that are refused, and with what. */
export const BAD: readonly Scenario[] = [
  ...[...BAD_REQUESTS, ...LARGE_REQUESTS].map(bad),
  ...(
    [
      ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
      ['HTTP/1.0', 'GET / HTTP/1.0\r\nhost: a\r\n\r\n'],
      ['a large head', `GET / HTTP/1.1\r\nhost: a\r\nx-a: ${'b'.repeat(70_000)}\r\n\r\n`],
      ['another transfer coding', 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n'],
    ] as const
  ).map(
    ([name, bytes]): Scenario => ({
      name: `the answer to a bad request: ${name}`,
      run: async ({ connect }) => {
        const client = await connect();
        client.write(bytes);
        return { ...answered(await readResponse(client)), rest: await client.readToEnd() };
      },
    }),
  ),
];

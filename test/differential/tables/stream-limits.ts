import { plainRoute, poolRoute } from '../../proxy/support/manifests.ts';
import { readHead } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { eventually } from '../../proxy/support/within.ts';
import { peerTakes } from '../../support/peer-takes.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

const silent: Script = async ({ wire }) => {
  await Promise.race([wire.untilEnded(), peerTakes(1000)]);
  wire.write(answer('ok'));
};

/** How long requests and answers may take and be silent; the default of an hour is tested with the plan. */
export const STREAM_LIMITS: readonly Scenario[] = [
  ...(
    [
      ['streamIdleTimeout: 300ms', '504 stream timeout'],
      ['maxStreamDuration: 300ms', '504 downstream duration timeout'],
      ['requestTimeout: 300ms', '504 upstream request timeout'],
      ['streamIdleTimeout: 100ms, requestTimeout: 900ms', '504 stream timeout'],
      ['requestTimeout: 0s, maxStreamDuration: 0s, streamIdleTimeout: 0s', '200 ok'],
      ['requestTimeout: 3600s', '200 ok'],
    ] as const
  ).map(
    ([limits, gives]): Scenario => ({
      name: `a model that is silent for a second, with timeout.http { ${limits} }`,
      manifests: plainRoute({ policy: `timeout: { http: { ${limits} } }` }),
      upstreams: () => [silent],
      run: async ({ send }) => brief(await send(GET)),
      gives,
    }),
  ),
  ...(['streamIdleTimeout: 300ms', 'maxStreamDuration: 300ms'] as const).map(
    (limit): Scenario => ({
      name: `an answer that has begun and goes beyond ${limit} is broken off`,
      manifests: plainRoute({ policy: `timeout: { http: { ${limit} } }` }),
      upstreams: () => [
        async ({ wire }) => {
          wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n');
          await wire.untilEnded();
        },
      ],
      run: async ({ connect, upstream }) => {
        const client = await connect();
        client.write(GET);
        await readHead(client);
        const text = await client.readToEnd();
        await eventually(2000, 'the server to be let go', () => upstream.open.size === 0);
        return text;
      },
      gives: '1\r\na\r\n',
    }),
  ),
  {
    name: 'what comes within the idle limit keeps a stream alive beyond it',
    manifests: plainRoute({ policy: 'timeout: { http: { streamIdleTimeout: 600ms } }' }),
    upstreams: () => [
      async ({ wire }) => {
        wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        for (let i = 0; i < 6; i++) {
          await peerTakes(200);
          wire.write('1\r\na\r\n');
        }
        wire.write('0\r\n\r\n');
      },
    ],
    run: async ({ send }) => brief(await send(GET)),
    gives: '200 aaaaaa',
  },
  ...(
    [
      ['streamIdleTimeout: 300ms', '504 stream timeout'],
      ['maxStreamDuration: 300ms', '504 downstream duration timeout'],
      ['requestTimeout: 300ms', '504 upstream request timeout'],
    ] as const
  ).map(
    ([limit, gives]): Scenario => ({
      name: `pool: a model that is silent for a second, with timeout.http { ${limit} }`,
      manifests: poolRoute({ policy: `timeout: { http: { ${limit} } }` }),
      upstreams: () => [silent],
      run: async ({ send }) => brief(await send(GET)),
      gives,
    }),
  ),
];

import { readHead, readResponse } from '../../proxy/support/message.ts';
import { json, modelRoutes, withBackend } from '../../proxy/support/model-routes.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

/** Says who it is, and what it was told of the model. */
const who =
  (name: string): Script =>
  async request => {
    await request.body();
    const told = request.head.fields
      .filter(([field]) => field === 'x-gateway-model-name' || field === 'x-ai-eg-model')
      .map(([field, value]) => ` ${field}=${value}`);
    request.wire.write(answer(name + told.join('')));
  };
const upstreams = () => [who('small'), who('large'), who('others')];
const FORGED = 'x-gateway-model-name: org/large\r\nX-GATEWAY-MODEL-NAME: org/small\r\n';

const SMALL = '200 small x-gateway-model-name=org/small';
const LARGE = '200 large x-gateway-model-name=org/large-7b';

const OTHERS = `  - matches: [{ path: { value: / } }]
    backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: others }]`;

/** Routes that match on the header which says the model that the body asks for. */
export const MODEL_HEADER: readonly Scenario[] = [
  {
    name: 'model header: two pools behind one path, by Exact and by RegularExpression',
    manifests: modelRoutes(),
    upstreams,
    run: async ({ send }) => [
      brief(await send(json({ model: 'org/small' }))),
      brief(await send(json({ model: 'org/large-7b' }))),
      brief(await send(json({ model: 'org/none' }))),
      brief(await send(json({ model: 'ORG/SMALL' }))),
    ],
    gives: [SMALL, LARGE, '404', '404'],
  },
  {
    name: 'model header: of pools that are closed without their picker too',
    manifests: modelRoutes({ failureMode: 'FailClose' }),
    upstreams,
    run: async ({ send }) => [
      brief(await send(json({ model: 'org/small' }))),
      brief(await send(json({ model: 'org/large-7b' }))),
    ],
    gives: [SMALL, LARGE],
  },
  {
    name: "model header: Envoy AI Gateway's name for it",
    manifests: modelRoutes({ header: 'x-ai-eg-model' }),
    upstreams,
    run: async ({ send }) => [
      brief(await send(json({ model: 'org/small' }))),
      brief(await send(json({ model: 'org/large-7b' }, 'x-ai-eg-model: org/small\r\n'))),
    ],
    gives: ['200 small x-ai-eg-model=org/small', '200 large x-ai-eg-model=org/large-7b'],
  },
  {
    name: "model header: the client's own does not count, with a body or without",
    manifests: modelRoutes(),
    upstreams,
    run: async ({ send }) => [
      brief(await send(json({ model: 'org/small' }, FORGED))),
      brief(await send(json({ messages: [] }, FORGED))),
      brief(await send(json('no JSON', FORGED))),
      brief(await send(`GET /v1/models HTTP/1.1\r\nhost: a\r\n${FORGED}\r\n`)),
      brief(await send(json({ model: 'org/small' }, 'connection: x-gateway-model-name\r\n'))),
    ],
    gives: [SMALL, '404', '404', '404', SMALL],
  },
  {
    name: 'model header: where no route asks for it, a client may send what it likes',
    manifests: modelRoutes({ header: 'x-other' }),
    upstreams,
    run: async ({ send }) =>
      brief(await send(json({ model: 'org/large' }, 'x-other: org/small\r\nx-gateway-model-name: mine\r\n'))),
    gives: '200 small x-gateway-model-name=mine',
  },
  {
    name: 'model header: chunked bodies, in pieces, and a form',
    manifests: modelRoutes(),
    upstreams,
    run: async ({ send, connect }) => {
      const client = await connect();
      client.write('POST /v1/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
      client.write('8\r\n{"model"\r\n');
      client.write('d\r\n: "org/small"\r\n1\r\n}\r\n');
      client.write('0\r\n\r\n');
      const form =
        '--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n--b\r\ncontent-disposition: form-data; name="model"\r\n\r\norg/large-7b\r\n--b--\r\n';
      return [
        brief(await readResponse(client)),
        brief(
          await send(
            `POST /v1/audio/transcriptions HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: ${form.length}\r\n\r\n${form}`,
          ),
        ),
      ];
    },
    gives: [SMALL, LARGE],
  },
  {
    name: 'model header: expect: 100-continue, and two requests of one connection',
    manifests: modelRoutes(),
    upstreams,
    run: async ({ connect }) => {
      const client = await connect();
      client.write(
        'POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 21\r\nexpect: 100-continue\r\n\r\n',
      );
      const interim = await client.readUntil('\r\n\r\n');
      client.write('{"model":"org/small"}');
      const first = brief(await readResponse(client));
      client.write(json({ model: 'org/large-7b' }));
      return [interim, first, brief(await readResponse(client))];
    },
    gives: ['HTTP/1.1 100 Continue\r\n\r\n', SMALL, LARGE],
  },
  {
    name: 'model header: what has no other route goes to the one without a model, at a Backend',
    manifests: withBackend(modelRoutes({ rules: OTHERS })),
    upstreams,
    run: async ({ send }) => [
      brief(await send(json({ model: 'org/small' }))),
      brief(await send(json({ model: 'org/none' }))),
      brief(await send('GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n')),
      brief(await send(json({}, '', '/elsewhere'))),
    ],
    gives: [SMALL, '200 others x-gateway-model-name=org/none', '200 others', '200 others'],
  },
  {
    name: 'model header: a model that cannot stand in a header is none',
    manifests: withBackend(modelRoutes({ rules: OTHERS })),
    upstreams,
    run: async ({ send }) => [
      brief(await send(json({ model: 'org/large\r\nx-ai-eg-model: org/small' }))),
      brief(await send(json('{"model":"org/large\\u00e9"}'))),
      brief(await send(json({ model: `org/large${'x'.repeat(2000)}` }))),
      brief(await send(json({ model: ['org/large'] }))),
    ],
    gives: ['200 others', '200 others', '200 others', '200 others'],
  },
  {
    name: 'model header: a body of 5 MB',
    manifests: modelRoutes(),
    upstreams,
    run: async ({ send }) => brief(await send(json({ prompt: 'x'.repeat(5_000_000), model: 'org/small' }))),
    gives: SMALL,
  },
  {
    name: 'model header: an upgrade has no body to read, and its own header does not count',
    manifests: withBackend(modelRoutes({ rules: OTHERS })),
    upstreams: () => [
      who('small'),
      who('large'),
      ({ wire }) =>
        void wire.write(
          'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n',
        ),
    ],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(
        `GET /v1/realtime HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n${FORGED}\r\n`,
      );
      return (await readHead(client)).line;
    },
    gives: 'HTTP/1.1 101 Switching Protocols',
  },
  {
    name: 'model header: what the route says of buffers holds when it is chosen by the model',
    manifests: modelRoutes({ policy: 'requestBuffer: { limit: 100 }' }),
    upstreams,
    run: async ({ send }) => [
      brief(await send(json({ model: 'org/small' }))),
      brief(await send(json({ model: 'org/small', prompt: 'x'.repeat(200) }))),
      brief(await send(json({ model: 'org/none', prompt: 'x'.repeat(200) }))),
    ],
    gives: [SMALL, '413 Payload Too Large', '404'],
  },
  {
    name: 'model header: what the route says of faults holds when it is chosen by the model',
    manifests: modelRoutes({ policy: 'faultInjection: { abort: { httpStatus: 418 } }' }),
    upstreams,
    run: async ({ send }) => [
      brief(await send(json({ model: 'org/small' }))),
      brief(await send(json({ model: 'org/none' }))),
    ],
    gives: ['418 fault filter abort', '404'],
  },
  {
    name: 'model header: a limit of one pool refuses nothing of the other',
    manifests: modelRoutes({ policy: 'circuitBreaker: { maxParallelRequests: 1 }' }),
    upstreams: () => [() => {}, who('large')],
    run: async ({ connect, send, upstream }) => {
      const one = await connect();
      one.write(json({ model: 'org/small' }));
      await upstream.request(0);
      return [
        (await send(json({ model: 'org/small' }))).status,
        brief(await send(json({ model: 'org/large-7b' }))),
      ];
    },
    gives: [503, LARGE],
  },
  {
    name: 'model header: hosts that no route is for',
    manifests: modelRoutes({ hostname: 'models.example.com' }),
    upstreams,
    run: async ({ send }) => [
      brief(await send(json({ model: 'org/small' }))),
      brief(await send(json({ model: 'org/small' }).replace('host: a', 'host: models.example.com'))),
      brief(await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')),
    ],
    gives: ['404', SMALL, '404'],
  },
  {
    name: 'model header: a request that cannot match a route by model, whose backend is told it',
    manifests: withBackend(modelRoutes({ rules: OTHERS })),
    upstreams,
    run: async ({ send }) => brief(await send(json({ model: 'org/small' }, '', '/elsewhere'))),
    differs: {
      why: 'The embedded plane reads no body whose route does not depend on it; Envoy has them read before it looks at the path.',
      embedded: '200 others',
      envoy: '200 others x-gateway-model-name=org/small',
    },
  },
];

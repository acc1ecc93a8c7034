import { poolRoute } from '../../proxy/support/manifests.ts';
import { field } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { Held } from '../support/held.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered, brief, pick, received } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const held = { current: new Held() };

function completion(json: unknown, more = ''): string {
  const body = typeof json === 'string' ? json : JSON.stringify(json);
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
}

const echo: Script = async request => {
  const { body } = await request.body();
  request.wire.write(answer(body));
};

function asked(name: string, request: string): Scenario {
  return {
    name: `pool: ${name}`,
    manifests: poolRoute(),
    upstreams: () => [echo],
    run: async ({ send, upstream }) => {
      const response = await send(request);
      const [first] = upstream.requests;
      const { fields, ...answer } = answered(response);
      return {
        ...answer,
        fields: fields.filter(text => text !== 'connection: close'),
        upstream: first === undefined ? 'nothing' : received(first),
      };
    },
  };
}

/** Inference pools: through the picker of either plane. */
export const POOLS: readonly Scenario[] = [
  asked('GET', GET),
  asked('a chat completion', completion({ model: 'model-a', messages: [{ role: 'user', content: 'hi' }] })),
  asked('a model that no InferenceModel names', completion({ model: 'other' })),
  asked('no model', completion({ messages: [] })),
  asked('a body that is no JSON', completion('{ "model":')),
  asked('a body that is a list', completion('[1]')),
  asked('a model that is no text', completion({ model: 1 })),
  asked('an empty body', completion('')),
  asked(
    "a destination of the client's own is not taken",
    completion({ model: 'model-a' }, 'x-gateway-destination-endpoint: 127.0.0.9:1\r\n'),
  ),
  {
    name: 'pool: the connection after a body that is no JSON',
    manifests: poolRoute(),
    run: async ({ send }) => pick(await send(completion('{')), 'connection'),
    differs: {
      why: 'Envoy closes the connection after an answer of the picker that comes before the request has gone on.',
      embedded: {},
      envoy: { connection: 'close' },
    },
  },
  {
    name: 'pool: what one request too many gets',
    manifests: poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 0 }' }),
    run: async ({ send }) => {
      const response = await send(GET);
      return { ...answered(response), reason: field(response, 'x-breakwater-reason') };
    },
  },
  {
    name: 'pool: maxParallelRequests 1',
    manifests: poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1, maxPendingRequests: 1 }' }),
    upstreams: () => {
      held.current = new Held();
      return [held.current.script];
    },
    run: scene => held.current.outcomes(scene, 3),
    gives: ['served', 'refused', 'refused'],
  },
  {
    name: 'pool: three endpoints share the load',
    manifests: poolRoute(),
    upstreams: () => [echo, echo, echo],
    run: async ({ send, upstreams }) => {
      for (let i = 0; i < 30; i++) await send(completion({ model: 'model-a', prompt: String(i) }));
      return upstreams.every(({ requests }) => requests.length > 0);
    },
    gives: true,
  },
  {
    name: 'pool: a body of 5 MB',
    manifests: poolRoute(),
    upstreams: () => [
      async request => {
        const { body } = await request.body();
        request.wire.write(answer(String(body.length)));
      },
    ],
    run: async ({ send }) =>
      brief(await send(completion({ model: 'model-a', prompt: 'x'.repeat(5_000_000) }))),
  },
];

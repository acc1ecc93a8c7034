import { plainRoute, poolRoute } from '../../proxy/support/manifests.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { eventually } from '../../proxy/support/within.ts';
import { peerTakes } from '../../support/peer-takes.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered, brief } from '../support/seen.ts';

const status = (code: number, text = '') =>
  `HTTP/1.1 ${code} X\r\ncontent-length: ${text.length}\r\n\r\n${text}`;

function chat(text: string, model = 'model-a'): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: text }] });
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** A chat that says `bad` is answered with 500. */
const asTold: Script = async request => {
  const { body } = await request.body();
  request.wire.write(body.includes('"bad"') ? status(500) : answer('ok'));
};

const always =
  (text: string): Script =>
  async request => {
    await request.body();
    request.wire.write(text);
  };

const ABSENT = JSON.stringify({
  error: { message: 'The model `model-a` does not exist.', param: 'model', code: 404 },
});
const withoutModelA: Script = async request => {
  const { body } = await request.body();
  request.wire.write(body.includes('model-a') ? status(404, ABSENT) : answer('ok'));
};
function asks(method: string, target: string, json?: object): string {
  const body = json === undefined ? '' : JSON.stringify(json);
  return `${method} ${target} HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Keeps the responses that it makes. */
function keeper(name: string): Script {
  const kept = new Set<string>();
  return async request => {
    const { body } = await request.body();
    const about = request.head.line.split(/[ /]/)[4] ?? '';
    const named =
      /"previous_response_id":"(\w+)"/.exec(body)?.[1] ?? (about.startsWith('resp_') ? about : '');
    const id = `resp_${name}_${kept.size}`;
    if (named === '') kept.add(id);
    const found = named === '' || kept.has(named);
    request.wire.write(found ? answer(JSON.stringify({ id })) : status(404));
  };
}
const breaksOff: Script = async request => {
  await request.body();
  request.wire.reset();
};
const breaksOffAtFirst: Script = async request => {
  if (request.index < 8) await breaksOff(request);
  else await always(answer('ok'))(request);
};
const slowly: Script = async request => {
  await peerTakes(20);
  await always(answer('ok'))(request);
};
const passive = (text: string) =>
  `healthCheck: { passive: { interval: 20ms, baseEjectionTime: 60s, ${text} } }`;

/** Which of the servers get some of so many requests that one with its share is sure to be among them. */
async function asked({ send, upstreams }: Parameters<Scenario['run']>[0]): Promise<boolean[]> {
  const before = upstreams.map(({ requests }) => requests.length);
  for (let i = 0; i < 60; i++) await send(chat(String(i)));
  return upstreams.map(({ requests }, i) => requests.length > (before[i] as number));
}

/** What one server's failures mean for others. */
export const FAILURES: readonly Scenario[] = [
  ...(['Service', 'pool'] as const).map(
    (target): Scenario => ({
      name: `${target} without a policy: the only server answers one client with 500, and is there for all others`,
      manifests: target === 'Service' ? plainRoute() : poolRoute(),
      upstreams: () => [asTold],
      run: async ({ send }) => {
        const seen = new Set<string>();
        for (let i = 0; i < 12; i++) {
          for (let n = 0; n < 3; n++) seen.add(`bad: ${brief(await send(chat('bad')))}`);
          seen.add(`good: ${brief(await send(chat('good')))}`);
        }
        return [...seen];
      },
      gives: ['bad: 500', 'good: 200 ok'],
    }),
  ),
  {
    name: 'Service with a policy: maxEjectionPercent is a tenth, and one at least, where it is left out',
    manifests: plainRoute({ policy: passive('consecutive5XxErrors: 1') }),
    upstreams: () => [always(status(500)), always(status(500)), always(answer('ok')), always(answer('ok'))],
    run: async scene => {
      let seen: boolean[] = [];
      await eventually(15_000, 'one of the bad ones to be left out', async () => {
        seen = await asked(scene);
        return seen.includes(false);
      });
      return [...seen.slice(0, 2).sort(), ...seen.slice(2)];
    },
    gives: [false, true, true, true],
  },
  {
    name: 'pool without a policy: the only server breaks off, again and again: it is asked each time, and at once when it is well',
    manifests: poolRoute(),
    upstreams: () => [breaksOffAtFirst],
    run: async ({ send, upstream }) => {
      const seen: number[] = [];
      for (let i = 0; i < 10; i++) seen.push((await send(chat(String(i)))).status);
      return [...seen, upstream.requests.length];
    },
    gives: [503, 503, 503, 503, 503, 503, 503, 503, 200, 200, 10],
  },
  {
    name: 'pool without a policy: of three servers that break off, one at most is left out',
    manifests: poolRoute(),
    upstreams: () => [breaksOff, breaksOff, breaksOff],
    run: async scene => {
      for (let i = 0; i < 40; i++) await scene.send(chat(String(i)));
      return (await asked(scene)).filter(Boolean).length >= 2;
    },
    gives: true,
  },
  ...[429, 503, 529].map(
    (code): Scenario => ({
      name: `pool: ${code} is back-pressure: the server is left alone for a moment`,
      manifests: poolRoute(),
      upstreams: () => [always(status(code)), always(answer('ok'))],
      run: async ({ send, upstreams }) => {
        const asks = () => upstreams[0]?.requests.length ?? 0;
        for (let i = 0; i < 200 && asks() === 0; i++) await send(chat(String(i)));
        const next = await Promise.all(Array.from({ length: 6 }, (_, i) => send(chat(`next ${i}`))));
        return next.map(({ status: each }) => each);
      },
      gives: Array(6).fill(200),
    }),
  ),
  {
    name: 'pool: a prompt goes on to the server that has served it, not to the one that failed',
    manifests: poolRoute(),
    upstreams: () => [always(status(500)), always(answer('ok'))],
    run: async ({ send }) => {
      const prompt = 'the same long prompt '.repeat(100);
      await eventually(5000, 'an answer', async () => (await send(chat(prompt))).status === 200);
      const seen: number[] = [];
      for (let i = 0; i < 20; i++) seen.push((await send(chat(prompt))).status);
      return seen;
    },
    gives: Array(20).fill(200),
  },
  {
    name: 'pool: a server that fails fast gets no more than its share',
    manifests: poolRoute(),
    upstreams: () => [always(status(500)), slowly],
    run: async ({ send, upstreams }) => {
      const client = async (name: number) => {
        for (let i = 0; i < 15; i++) await send(chat(`${name} ${i}`));
      };
      await Promise.all([0, 1, 2, 3].map(client));
      return (upstreams[0]?.requests.length ?? 0) <= 36;
    },
    gives: true,
  },
  {
    name: 'pool: a 404 whose body stalls',
    manifests: poolRoute(),
    upstreams: () => [always('HTTP/1.1 404 X\r\ncontent-length: 500\r\n\r\n{"error"')],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(chat('a'));
      const head = await client.readUntil('\r\n\r\n');
      return [head.slice(9, 12), await client.readUntil('"error"')];
    },
    gives: ['404', '{"error"'],
  },
  {
    name: 'pool: one of two servers has not got the model (404, param: model)',
    manifests: poolRoute(),
    upstreams: () => [always(status(404, ABSENT)), always(answer('ok'))],
    run: async ({ send, upstreams }) => {
      const seen = new Set<number>();
      for (let i = 0; i < 200 && upstreams[0]?.requests.length === 0; i++)
        seen.add((await send(chat(String(i)))).status);
      return seen.has(404) ? 'the client sees it' : 'the client does not see it';
    },
    differs: {
      why: 'The embedded plane asks another one before the client sees it. Envoy could try again only by the status, whatever the 404 is about, and would not say who did not have the model: the picker sees the answer as it passes.',
      embedded: 'the client does not see it',
      envoy: 'the client sees it',
    },
  },
  {
    name: 'pool: a server that has not got a model is left out for it, and for it alone',
    manifests: poolRoute(),
    upstreams: () => [withoutModelA, always(answer('ok'))],
    run: async ({ send, upstreams }) => {
      const [lacking] = upstreams;
      const asks = () => lacking?.requests.length ?? 0;
      for (let i = 0; i < 200 && asks() === 0; i++) await send(chat(String(i)));
      const found = asks();
      const statuses = new Set<number>();
      for (let i = 0; i < 60; i++) statuses.add((await send(chat(`again ${i}`))).status);
      const more = asks() - found;
      for (let i = 0; i < 200 && asks() === found; i++) await send(chat(String(i), 'model-b'));
      return { found, more, statuses: [...statuses], other: asks() > found };
    },
    gives: { found: 1, more: 0, statuses: [200], other: true },
  },
  {
    name: 'pool: what a 404 about a model looks like',
    manifests: poolRoute(),
    upstreams: () => [always(status(404, ABSENT).replace('X', 'Not Found'))],
    run: async ({ send }) => answered(await send(chat('a'))),
  },
  {
    name: 'pool: what names a response goes to the server that made it',
    manifests: poolRoute(),
    upstreams: () => [keeper('a'), keeper('b')],
    run: async ({ send }) => {
      const lost: string[] = [];
      for (let i = 0; i < 12; i++) {
        const { body } = await send(asks('POST', '/v1/responses', { model: 'model-a', input: `${i}` }));
        const { id } = JSON.parse(body) as { id: string };
        for (const ask of [
          asks('POST', '/v1/responses', { model: 'model-a', previous_response_id: id }),
          asks('GET', `/v1/responses/${id}`),
        ])
          if ((await send(ask)).status !== 200) lost.push(ask);
      }
      return lost;
    },
    gives: [],
  },
  {
    name: 'pool: a 404 about a path takes a server from no model',
    manifests: poolRoute(),
    upstreams: () => [always(status(404, '{"detail":"Not Found"}')), always(answer('ok'))],
    run: async ({ send, upstreams }) => {
      let asked = 0;
      for (let i = 0; i < 400 && asked < 3; i++) {
        await send(chat(String(i)));
        asked = upstreams[0]?.requests.length ?? 0;
      }
      return asked;
    },
    gives: 3,
  },
];

import { plainRoute, poolRoute } from '../../proxy/support/manifests.ts';
import { readResponse } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { eventually } from '../../proxy/support/within.ts';
import { peerTakes } from '../../support/peer-takes.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const status =
  (code: number): Script =>
  ({ wire }) =>
    void wire.write(`HTTP/1.1 ${code} X\r\ncontent-length: 0\r\n\r\n`);
const ok: Script = ({ wire }) => void wire.write(answer('ok'));
const passive = (text: string) =>
  `healthCheck: { panicThreshold: 0, passive: { interval: 20ms, baseEjectionTime: 60s, maxEjectionPercent: 100, ${text} } }`;

/** By chance, with every other one from the bad one: less than once in a billion runs. */
const IN_A_ROW = 40;
/** However slow the machine is. */
const AT_LEAST = 200;
/** Envoy's workers hear of an ejection up to a second after the change before it (`update_merge_window`), which is that of the plan. */
const KNOWN_AFTER_MS = 1500;
const KNOWN_UNTIL_MS = 10_000;

/** Sends until so many in a row came from the good one: where that is expected, for as long as it may take on a busy machine. */
async function untilOnlyGood(
  send: (request: string) => Promise<{ status: number }>,
  forMs: number,
): Promise<string> {
  const until = performance.now() + forMs;
  let good = 0;
  for (let i = 0; good < IN_A_ROW && (i < AT_LEAST || performance.now() < until); i++)
    good = (await send(GET)).status === 200 ? good + 1 : 0;
  return good >= IN_A_ROW ? EJECTED : STAYS;
}

const EJECTED = 'the bad one is ejected';
const STAYS = 'the bad one stays';

function ejected(name: string, bad: Script, text: string, gives: typeof EJECTED | typeof STAYS): Scenario {
  return {
    name: `passive health: ${name}`,
    manifests: plainRoute({ policy: passive(text) }),
    upstreams: () => [bad, ok],
    run: ({ send }) => untilOnlyGood(send, gives === EJECTED ? KNOWN_UNTIL_MS : KNOWN_AFTER_MS),
    gives,
  };
}

/** A chat; a text that is a number is answered with that status. */
function chat(text: string): string {
  const body = JSON.stringify({ model: 'model-a', messages: [{ role: 'user', content: text }] });
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

const asTold: Script = async request => {
  const { body } = await request.body();
  const code = /"content":"(\d{3})"/.exec(body)?.[1];
  request.wire.write(code === undefined ? answer('ok') : `HTTP/1.1 ${code} X\r\ncontent-length: 0\r\n\r\n`);
};

/** Retry budgets, health checks. */
export const HEALTH: readonly Scenario[] = [
  ejected('500 three times', status(500), 'consecutive5XxErrors: 3', EJECTED),
  ejected('502 three times', status(502), 'consecutive5XxErrors: 0, consecutiveGatewayErrors: 3', EJECTED),
  ejected('404 is no failure', status(404), 'consecutive5XxErrors: 3', STAYS),
  ejected('429 is no failure', status(429), 'consecutive5XxErrors: 3', STAYS),
  ejected('resets', ({ wire }) => wire.reset(), 'consecutive5XxErrors: 3', EJECTED),
  {
    ...ejected(
      'resets, with splitExternalLocalOriginErrors',
      ({ wire }) => wire.reset(),
      'splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 3',
      STAYS,
    ),
    differs: {
      why: 'Envoy counts each connection that it made as a success of its own side, so that resets which come after it never stand one after another there; the embedded plane counts requests.',
      embedded: EJECTED,
      envoy: STAYS,
    },
  },
  ejected('503 three times', status(503), 'consecutive5XxErrors: 3', EJECTED),
  {
    name: 'pool without a policy: what a client is answered with takes the pool from nobody',
    manifests: poolRoute(),
    upstreams: () => [asTold, asTold, asTold],
    run: async ({ send }) => {
      const seen: string[] = [];
      for (const code of [500, 501, 502, 504, 505, 507]) {
        for (let i = 0; i < 16; i++) await send(chat(String(code)));
        let good = 0;
        for (let i = 0; i < 6; i++) if ((await send(chat('hi'))).status === 200) good++;
        seen.push(`${code}: ${good} of 6`);
      }
      return seen;
    },
    gives: [500, 501, 502, 504, 505, 507].map(code => `${code}: 6 of 6`),
  },
  {
    name: 'pool with a policy: with fewer healthy ones than the panic threshold all are used',
    manifests: poolRoute({
      policy:
        'healthCheck: { panicThreshold: 60, passive: { interval: 20ms, baseEjectionTime: 60s, maxEjectionPercent: 100, consecutive5XxErrors: 1 } }',
    }),
    upstreams: () => [status(500), ok],
    run: async ({ send, upstreams }) => {
      const [bad] = upstreams;
      await eventually(10_000, 'requests at the one that is ejected', async () => {
        await Promise.all(Array.from({ length: 8 }, () => send(chat('hi'))));
        return (bad?.requests.length ?? 0) >= 3;
      });
      return 'it is asked again';
    },
    gives: 'it is asked again',
  },
  {
    name: 'pool with a policy: one that answers with errors is ejected',
    manifests: poolRoute({
      policy:
        'healthCheck: { panicThreshold: 0, passive: { interval: 20ms, baseEjectionTime: 60s, consecutive5XxErrors: 1 } }',
    }),
    upstreams: () => [status(500), ok],
    run: async ({ send, upstreams }) => {
      const [bad] = upstreams;
      await eventually(10_000, 'a request at the bad one', async () => {
        await send(chat('hi'));
        return (bad?.requests.length ?? 0) >= 1;
      });
      let good = 0;
      for (let i = 0; i < 30; i++) if ((await send(chat('hi'))).status === 200) good++;
      return `${good} of 30`;
    },
    gives: '30 of 30',
  },
  {
    name: 'active health: an endpoint that fails its checks gets no requests, and gets some when it passes again',
    manifests: plainRoute({
      policy:
        'healthCheck: { panicThreshold: 0, active: { type: HTTP, interval: 50ms, timeout: 1s, unhealthyThreshold: 2, healthyThreshold: 1, http: { path: /healthz } } }',
    }),
    upstreams: () => {
      sick.now = true;
      return [sometimesSick, ok];
    },
    run: async ({ send, upstreams }) => {
      const served = () =>
        upstreams[0]!.requests.filter(({ head }) => !head.line.includes('/healthz')).length;
      await eventually(4000, 'the sick one to be left out', async () => {
        const before = served();
        for (let i = 0; i < 12; i++) await send(GET);
        return served() === before;
      });
      sick.now = false;
      await eventually(4000, 'the healed one to be asked', async () => {
        const before = served();
        await send(GET);
        return served() > before;
      });
      return 'left out, then asked';
    },
    gives: 'left out, then asked',
  },
  {
    name: 'a retry budget: with none in flight as many as minRetryConcurrency',
    manifests: plainRoute({
      policy: `circuitBreaker: { retryBudget: { percent: { numerator: 0 }, minRetryConcurrency: 1 } }
retry: { numRetries: 1, retryOn: { httpStatusCodes: [503] }, perRetry: { backOff: { baseInterval: 1ms } } }`,
    }),
    upstreams: () => [
      ({ wire, index }) =>
        void wire.write(index % 2 === 0 ? 'HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n' : answer('ok')),
    ],
    run: async ({ connect }) => {
      const client = await connect();
      const seen: string[] = [];
      for (let i = 0; i < 4; i++) {
        client.write(GET);
        seen.push(brief(await readResponse(client)));
      }
      return seen;
    },
    gives: ['200 ok', '200 ok', '200 ok', '200 ok'],
  },
  {
    name: 'a retry budget of none: no retry',
    manifests: plainRoute({
      policy: `circuitBreaker: { retryBudget: { percent: { numerator: 0 }, minRetryConcurrency: 0 } }
retry: { numRetries: 1, retryOn: { httpStatusCodes: [503] } }`,
    }),
    upstreams: () => [status(503)],
    run: async ({ send, upstream }) => [brief(await send(GET)), upstream.requests.length],
    gives: ['503', 1],
  },
  {
    name: 'timeouts.request and a client that is slow to send its body',
    manifests: plainRoute({ rule: 'timeouts: { request: 150ms }' }),
    upstreams: () => [
      async request => {
        await request.body();
        request.wire.write(answer('ok'));
      },
    ],
    run: async ({ connect }) => {
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na');
      await peerTakes(300);
      client.write('b');
      return brief(await readResponse(client));
    },
    differs: {
      why: "The Gateway API counts from the request's first byte (HTTPRouteTimeouts.request); Envoy from its last.",
      embedded: '504 upstream request timeout',
      envoy: '200 ok',
    },
  },
];

const sick = { now: true };

const sometimesSick: Script = ({ wire, head }) => {
  const bad = sick.now && head.line.includes('/healthz');
  wire.write(bad ? 'HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n' : answer('ok'));
};

import { plainRoute } from '../../proxy/support/manifests.ts';
import { readResponse } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { peerTakes } from '../../support/peer-takes.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const status = (code: number) => `HTTP/1.1 ${code} X\r\ncontent-length: 3\r\n\r\n${code}`;

type Step = number | 'ok' | 'end' | 'reset' | 'hang' | 'garbage' | 'half';

/** Does these things with its requests, one after another; then answers. */
function steps(list: readonly Step[]): Script {
  return async request => {
    await request.body();
    const { wire, index } = request;
    const step = list[index] ?? 'ok';
    if (typeof step === 'number') wire.write(status(step));
    else if (step === 'ok') wire.write(answer('ok'));
    else if (step === 'end') wire.socket.end();
    else if (step === 'reset') wire.reset();
    else if (step === 'garbage') wire.write('garbage\r\n\r\n');
    else if (step === 'half') {
      wire.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234');
      wire.socket.end();
    }
  };
}

interface Row {
  readonly retry: string;
  readonly does: readonly Step[];
  readonly gives: readonly [answer: string, tries: number];
  readonly request?: string;
  readonly more?: string;
}

const on = (triggers: string, numRetries = 2) =>
  `{ numRetries: ${numRetries}, retryOn: { ${triggers} }, perRetry: { backOff: { baseInterval: 1ms, maxInterval: 5ms } } }`;

const RETRIES: readonly Row[] = [
  { retry: on('httpStatusCodes: [503]'), does: [503], gives: ['200 ok', 2] },
  { retry: on('httpStatusCodes: [503]'), does: [503, 503, 503], gives: ['503 503', 3] },
  { retry: on('httpStatusCodes: [503]'), does: [502], gives: ['502 502', 1] },
  { retry: on('httpStatusCodes: [429]'), does: [429], gives: ['200 ok', 2] },
  { retry: on('triggers: [5xx]'), does: [500], gives: ['200 ok', 2] },
  { retry: on('triggers: [5xx]'), does: ['end'], gives: ['200 ok', 2] },
  { retry: on('triggers: [5xx]'), does: ['reset', 'garbage'], gives: ['200 ok', 3] },
  { retry: on('triggers: [gateway-error]'), does: [502, 503], gives: ['200 ok', 3] },
  { retry: on('triggers: [gateway-error]'), does: [500], gives: ['500 500', 1] },
  { retry: on('triggers: [gateway-error]'), does: ['end'], gives: ['200 ok', 2] },
  { retry: on('triggers: [reset]'), does: ['end'], gives: ['200 ok', 2] },
  { retry: on('triggers: [reset]'), does: ['reset'], gives: ['200 ok', 2] },
  { retry: on('triggers: [reset]'), does: ['garbage'], gives: ['200 ok', 2] },
  { retry: on('triggers: [reset]'), does: [503], gives: ['503 503', 1] },
  { retry: on('triggers: [connect-failure]'), does: ['end'], gives: ['503 end', 1] },
  { retry: on('triggers: [retriable-4xx]'), does: [409], gives: ['200 ok', 2] },
  { retry: on('triggers: [retriable-4xx]'), does: [404], gives: ['404 404', 1] },
  { retry: on('triggers: [refused-stream]'), does: ['end'], gives: ['503 end', 1] },
  { retry: on('triggers: [5xx]', 0), does: [500], gives: ['500 500', 1] },
  {
    retry: on('httpStatusCodes: [503]'),
    does: [503],
    request: 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello',
    gives: ['200 ok', 2],
  },
  {
    retry: on('httpStatusCodes: [503]'),
    does: [503],
    request: 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    gives: ['200 ok', 2],
  },
  {
    retry:
      '{ numRetries: 2, retryOn: { triggers: [reset] }, perRetry: { timeout: 80ms, backOff: { baseInterval: 1ms } } }',
    does: ['hang', 'hang'],
    gives: ['200 ok', 3],
  },
  {
    retry: '{ numRetries: 1, retryOn: { triggers: [connect-failure] }, perRetry: { timeout: 80ms } }',
    does: ['hang'],
    gives: ['504 upstream request timeout', 1],
  },
  {
    retry:
      '{ numRetries: 1, retryOn: { triggers: [5xx] }, perRetry: { timeout: 80ms, backOff: { baseInterval: 1ms } } }',
    does: ['hang', 'hang'],
    gives: ['504 upstream request timeout', 2],
  },
];

const ENDED =
  '503 upstream connect error or disconnect/reset before headers. reset reason: connection termination';

function retried({ retry, does, gives: [text, tries], request = GET }: Row): Scenario {
  return {
    name: `retry: ${retry}, the backend: ${does.join(', ')}${request === GET ? '' : `, ${request.split('\r\n')[2]}`}`,
    manifests: plainRoute({ policy: `retry: ${retry}` }),
    upstreams: () => [steps(does)],
    run: async ({ send, upstream }) => [brief(await send(request)), upstream.requests.length],
    gives: [text === '503 end' ? ENDED : text, tries],
  };
}

/** Retries, time-outs and faults. */
export const TRIES: readonly Scenario[] = [
  ...RETRIES.map(retried),
  {
    name: 'a retry goes to another endpoint',
    manifests: plainRoute({ policy: `retry: ${on('httpStatusCodes: [503]', 1)}` }),
    upstreams: () => [steps(Array(12).fill(503)), steps(Array(12).fill(503))],
    run: async ({ send, upstreams }) => {
      for (let i = 0; i < 6; i++) await send(GET);
      // Envoy draws an endpoint five times at most, and may then have drawn the same.
      return upstreams.every(({ requests }) => requests.length >= 3);
    },
    gives: true,
  },
  {
    name: 'a connect failure is tried again elsewhere',
    manifests: plainRoute({ policy: `retry: ${on('triggers: [connect-failure]')}` }),
    upstreams: () => [steps([]), steps([])],
    run: async ({ send, upstreams }) => {
      await upstreams[0]?.close();
      const seen = new Set<string>();
      for (let i = 0; i < 8; i++) seen.add(brief(await send(GET)));
      return [...seen];
    },
    gives: ['200 ok'],
  },
  {
    name: 'a retry policy for other reasons covers refused connections too',
    manifests: plainRoute({ policy: `retry: ${on('httpStatusCodes: [500]')}` }),
    upstreams: () => [steps([]), steps([])],
    run: async ({ send, upstreams }) => {
      await upstreams[0]?.close();
      const seen = new Set<string>();
      for (let i = 0; i < 8; i++) seen.add(brief(await send(GET)));
      return [...seen];
    },
    gives: ['200 ok'],
  },
  ...[1_000_000, 2_000_000].map(
    (size): Scenario => ({
      name: `a retry of a request with ${size / 1_000_000} MB`,
      manifests: plainRoute({ policy: `retry: ${on('httpStatusCodes: [503]')}` }),
      upstreams: () => [steps([503])],
      run: async ({ connect, upstream }) => {
        const client = await connect();
        client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${size}\r\n\r\n`);
        await client.writeAll(Buffer.alloc(size, 'x'));
        return [brief(await readResponse(client)), upstream.requests.length];
      },
      gives: size > 1_048_576 ? ['503 503', 1] : ['200 ok', 2],
    }),
  ),
  {
    name: 'a response that has begun is never tried again',
    manifests: plainRoute({ policy: `retry: ${on('triggers: [reset, 5xx]')}` }),
    upstreams: () => [steps(['half'])],
    run: async ({ connect, upstream }) => {
      const client = await connect();
      client.write(GET);
      const text = await client.readToEnd();
      return [text.slice(-5), upstream.requests.length];
    },
    gives: ['01234', 1],
  },
  ...(['request', 'backendRequest'] as const).map(
    (which): Scenario => ({
      name: `timeouts.${which}: before the answer begins`,
      manifests: plainRoute({ rule: `timeouts: { ${which}: 80ms }` }),
      upstreams: () => [steps(['hang'])],
      run: async ({ send }) => brief(await send(GET)),
      gives: '504 upstream request timeout',
    }),
  ),
  ...(['request', 'backendRequest'] as const).map(
    (which): Scenario => ({
      name: `timeouts.${which}: in the middle of the answer`,
      manifests: plainRoute({ rule: `timeouts: { ${which}: 80ms }` }),
      upstreams: () => [({ wire }) => void wire.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234')],
      run: async ({ connect }) => {
        const client = await connect();
        client.write(GET);
        return (await client.readToEnd()).split('\r\n\r\n')[1];
      },
      gives: '01234',
    }),
  ),
  {
    name: 'both time-outs: the shorter counts',
    manifests: plainRoute({ rule: 'timeouts: { request: 10s, backendRequest: 80ms }' }),
    upstreams: () => [steps(['hang'])],
    run: async ({ send }) => brief(await send(GET)),
    gives: '504 upstream request timeout',
  },
  {
    name: 'timeouts.request: 0s is none',
    manifests: plainRoute({ rule: 'timeouts: { request: 0s }' }),
    upstreams: () => [
      async ({ wire }) => {
        await peerTakes(150);
        wire.write(answer('late'));
      },
    ],
    run: async ({ send }) => brief(await send(GET)),
    gives: '200 late',
  },
  {
    name: 'a time-out of a try, with retries, after the answer has begun',
    manifests: plainRoute({
      policy: 'retry: { numRetries: 1, retryOn: { triggers: [reset] }, perRetry: { timeout: 80ms } }',
    }),
    upstreams: () => [
      async ({ wire }) => {
        wire.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234');
        await peerTakes(200);
        wire.write('56789');
      },
    ],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(`GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
      return (await client.readToEnd()).split('\r\n\r\n')[1];
    },
  },
  {
    name: 'faults: an abort for all, none, and after a delay',
    manifests: plainRoute({
      policy:
        'faultInjection: { delay: { fixedDelay: 100ms, percentage: 100 }, abort: { httpStatus: 503, percentage: 100 } }',
    }),
    run: async ({ send, upstream }) => {
      const start = performance.now();
      const response = brief(await send(GET));
      return { response, waited: performance.now() - start >= 95, tries: upstream.requests.length };
    },
    gives: { response: '503 fault filter abort', waited: true, tries: 0 },
  },
  {
    name: 'faults: a delay',
    manifests: plainRoute({ policy: 'faultInjection: { delay: { fixedDelay: 100ms, percentage: 100 } }' }),
    run: async ({ send }) => {
      const start = performance.now();
      const response = brief(await send(GET));
      return { response, waited: performance.now() - start >= 95 };
    },
    gives: { response: '200 ok', waited: true },
  },
  {
    name: 'faults: an abort for 0 of 100',
    manifests: plainRoute({ policy: 'faultInjection: { abort: { httpStatus: 503, percentage: 0 } }' }),
    run: async ({ send }) => brief(await send(GET)),
    gives: '200 ok',
  },
];

import { plainRoute, poolRoute } from '../../proxy/support/manifests.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { eventually } from '../../proxy/support/within.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

const bad: Script = async request => {
  await request.body();
  request.wire.write('HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n');
};
const ok: Script = async request => {
  await request.body();
  request.wire.write(answer('ok'));
};

function chat(text: string): string {
  const body = JSON.stringify({ model: 'model-a', messages: [{ role: 'user', content: text }] });
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

const policy = (panic = '') =>
  `healthCheck: { ${panic} passive: { interval: 20ms, baseEjectionTime: 60s, maxEjectionPercent: 100, consecutive5XxErrors: 1 } }`;

/** By chance, with one in four of them from somebody: less than once in ten million. */
const ENOUGH = 60;

type Scene = Parameters<Scenario['run']>[0];

/** Which of the servers are asked, by as many requests as leave nobody out by chance. */
async function asked({ send, upstreams }: Scene): Promise<boolean[]> {
  const before = upstreams.map(({ requests }) => requests.length);
  for (let i = 0; i < ENOUGH; i++) await send(chat(String(i)));
  return upstreams.map(({ requests }, i) => requests.length > before[i]!);
}

/** @param untilThen Envoy's workers hear of the second ejection within a second of one another after the first */
async function eventuallyAsked(scene: Scene, untilThen: readonly boolean[]): Promise<boolean[]> {
  // All of the bad ones have failed, and are ejected.
  await asked(scene);
  let seen: boolean[] = [];
  await eventually(
    10_000,
    () => `${untilThen}, not ${seen}`,
    async () => {
      seen = await asked(scene);
      return seen.join() === untilThen.join();
    },
  );
  return seen;
}

/** Ejected endpoints, as far as there are enough others (CommonLbConfig.healthy_panic_threshold). */
export const PANIC: readonly Scenario[] = [
  {
    name: 'panic: two of three are ejected, the threshold is the default: all three are used',
    manifests: plainRoute({ policy: policy() }),
    upstreams: () => [bad, bad, ok],
    run: scene => eventuallyAsked(scene, [true, true, true]),
    gives: [true, true, true],
  },
  {
    name: 'panic: one of three is ejected, the threshold is the default: it is left out',
    manifests: plainRoute({ policy: policy() }),
    upstreams: () => [bad, ok, ok],
    run: scene => eventuallyAsked(scene, [false, true, true]),
    gives: [false, true, true],
  },
  {
    name: 'panic: one of four is ejected, the threshold is 100: three of four carry everything, it is left out',
    manifests: plainRoute({ policy: policy('panicThreshold: 100,') }),
    upstreams: () => [bad, ok, ok, ok],
    run: scene => eventuallyAsked(scene, [false, true, true, true]),
    gives: [false, true, true, true],
  },
  {
    name: 'panic: one of three is ejected, the threshold is 100: all three are used',
    manifests: plainRoute({ policy: policy('panicThreshold: 100,') }),
    upstreams: () => [bad, ok, ok],
    run: scene => eventuallyAsked(scene, [true, true, true]),
    gives: [true, true, true],
  },
  ...(['Service', 'pool'] as const).map(
    (target): Scenario => ({
      name: `panic: all of a ${target} are ejected, the threshold is 0: nobody is asked`,
      manifests: (target === 'Service' ? plainRoute : poolRoute)({ policy: policy('panicThreshold: 0,') }),
      upstreams: () => [bad, bad],
      run: async scene => {
        let last = '';
        await eventually(10_000, 'an answer of the gateway', async () => {
          last = brief(await scene.send(chat('a')));
          return last !== '500';
        });
        return last;
      },
      gives: '503 no healthy upstream',
    }),
  ),
];

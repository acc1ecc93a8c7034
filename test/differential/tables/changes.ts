import { plainRoute } from '../../proxy/support/manifests.ts';
import { readResponse } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { eventually } from '../../proxy/support/within.ts';
import { Held } from '../support/held.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const ok: Script = ({ wire }) => void wire.write(answer('ok'));
const marked = (value: string) =>
  plainRoute({
    rule: `filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: x-plan, value: "${value}" }] } }]`,
  });

/** What becomes of requests while the plan changes. */
export const CHANGES: readonly Scenario[] = [
  {
    name: 'no request fails, and no connection is closed, while routes change',
    upstreams: () => [ok],
    run: async scene => {
      const { connect, apply, upstreams, port } = scene;
      let over = false;
      let served = 0;
      const failures = new Set<string>();
      const plans = new Set<string>();
      const clients = Array.from({ length: 4 }, async () => {
        const client = await connect();
        while (!over) {
          client.write(GET);
          const response = await readResponse(client);
          if (brief(response) === '200 ok') served++;
          else failures.add(brief(response));
          plans.add(response.fields.find(([name]) => name === 'x-plan')?.[1] ?? 'none');
        }
      });
      const last = Promise.all(clients);
      for (let i = 0; i < 8; i++) {
        await apply(marked(String(i))(port, upstreams));
        const enough = served + 10;
        await eventually(2000, 'ten more answers', () => served >= enough);
      }
      const client = await connect();
      client.write(GET);
      const after = (await readResponse(client)).fields.find(([name]) => name === 'x-plan')?.[1];
      over = true;
      await last;
      return { failures: [...failures], changed: plans.size > 2, after };
    },
    gives: { failures: [], changed: true, after: '7' },
  },
  {
    name: 'no request fails while endpoints come and go',
    upstreams: () => [ok, ok],
    run: async scene => {
      const { connect, apply, upstreams, port } = scene;
      let over = false;
      let served = 0;
      const seen = new Set<string>();
      const clients = Array.from({ length: 4 }, async () => {
        const client = await connect();
        while (!over) {
          client.write(GET);
          seen.add(brief(await readResponse(client)));
          served++;
        }
      });
      const last = Promise.all(clients);
      for (let i = 0; i < 8; i++) {
        const some = i % 3 === 2 ? upstreams : [upstreams[i % 3]!];
        await apply(plainRoute()(port, some));
        const enough = served + 10;
        await eventually(2000, 'ten more answers', () => served >= enough);
      }
      over = true;
      await last;
      return [...seen];
    },
    gives: ['200 ok'],
  },
  {
    name: 'a request in flight ends on the plan that it began with',
    upstreams: () => {
      held.current = new Held();
      return [held.current.script, ok];
    },
    run: async ({ connect, apply, upstreams, port }) => {
      await apply(plainRoute()(port, [upstreams[0]!]));
      const client = await connect();
      client.write(GET);
      await upstreams[0]!.request(0);
      await apply(plainRoute()(port, [upstreams[1]!]));
      const other = await connect();
      other.write(GET);
      const seen = brief(await readResponse(other));
      held.current.release();
      return [seen, brief(await readResponse(client))];
    },
    gives: ['200 ok', '200 served'],
  },
  {
    name: 'a limit that is lowered holds for what comes next',
    upstreams: () => {
      held.current = new Held();
      return [held.current.script];
    },
    run: async scene => {
      const { apply, upstreams, port } = scene;
      await apply(plainRoute({ policy: 'circuitBreaker: { maxParallelRequests: 3 }' })(port, upstreams));
      await apply(plainRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1 }' })(port, upstreams));
      return held.current.outcomes(scene, 3);
    },
    gives: ['served', 'refused', 'refused'],
  },
  {
    name: 'a route that is taken away: 404',
    run: async ({ apply, upstreams, port, send }) => {
      const before = brief(await send(GET));
      await apply(plainRoute({ hostnames: ['b.example.com'] })(port, upstreams));
      return [before, brief(await send(GET))];
    },
    gives: ['200 ok', '404'],
  },
];

const held = { current: new Held() };

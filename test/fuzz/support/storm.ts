import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Scene, TestGateway } from '../../proxy/support/gateway.ts';
import { poolRoute } from '../../proxy/support/manifests.ts';
import { field } from '../../proxy/support/message.ts';
import type { Script } from '../../proxy/support/upstream.ts';
import type { Wire } from '../../proxy/support/wire.ts';
import { eventually } from '../../proxy/support/within.ts';
import { Chance } from './chance.ts';
import { answersWith, monsterWith, requestsWith } from './corpus.ts';
import { inPieces, mutateBytes } from './mutate-bytes.ts';

export interface StormOptions {
  readonly requests: number;
  readonly seed: number;
}

const CLIENTS = 24;
const MUTATED_REQUESTS = 0.5;
const MUTATED_ANSWERS = 0.3;
const MONSTERS = 0.02;
const CLIENTS_THAT_VANISH = 0.15;
/** How long a client waits for more of an answer that is perhaps not coming. */
const PATIENCE_MS = 250;
const NONCE = /x-nonce: ([0-9a-f]{24})\r\n/gi;
const ALLOWED_GROWTH_BYTES = 256 * 1024 * 1024;

/**
 * Mutated requests and mutated answers at once, between clients and model servers that are right, vanish or lie. The gateway
 * must give no client the answer of another, keep no counter, start no worker again, hold no memory.
 */
export async function storm(t: TestContext, gateway: TestGateway, options: StormOptions): Promise<void> {
  const chance = new Chance(options.seed);
  const owners = new Map<string, number>();
  const foreign: string[] = [];
  let answered = 0;
  const rssBefore = process.memoryUsage().rss;

  const server: Script = async request => {
    const nonce = field(request.head, 'x-nonce') ?? 'none';
    if (chance.of(0.8)) await request.body();
    const right = chance.one(answersWith(nonce));
    const lies = chance.of(MUTATED_ANSWERS);
    // A lie comes at once: more of it that came later could not be told from the answer to the next request (RFC 9112 section 9.3.2).
    for (const piece of lies ? [mutateBytes(right, chance)] : inPieces(right, chance)) {
      request.wire.write(piece);
      if (chance.of(0.3)) await new Promise(resolve => setImmediate(resolve));
    }
    // Whoever says more than was asked cannot be understood on this connection any more.
    if (lies) {
      if (chance.of(0.3)) request.wire.reset();
      else request.wire.socket.end();
    }
  };

  const client = async ({ connect }: Scene, number: number) => {
    // So long and so far from each other that no edit makes one of another.
    const nonce = createHash('sha256').update(`${options.seed} ${number}`).digest('hex').slice(0, 24);
    owners.set(nonce, number);
    const wire = await connect();
    const right = chance.of(MONSTERS) ? monsterWith(nonce, chance) : chance.one(requestsWith(nonce));
    const text = chance.of(MUTATED_REQUESTS) ? mutateBytes(right, chance) : right;
    const vanishes = chance.of(CLIENTS_THAT_VANISH);
    for (const piece of inPieces(text, chance)) {
      wire.write(piece);
      if (chance.of(0.3)) await new Promise(resolve => setImmediate(resolve));
      if (vanishes && chance.of(0.5)) break;
    }
    if (!vanishes) {
      const said = await untilQuiet(wire);
      if (said !== '') answered++;
      for (const [, seen = ''] of said.matchAll(NONCE)) {
        const owner = owners.get(seen);
        if (owner !== undefined && owner !== number)
          foreign.push(`${number} got the answer of ${owner}: ${said}`);
      }
    }
    if (chance.of(0.5)) wire.reset();
    else wire.destroy();
  };

  await gateway.serveMany(
    [server, server, server],
    async scene => {
      let next = 0;
      await Promise.all(
        Array.from({ length: CLIENTS }, async () => {
          while (next < options.requests) await client(scene, next++);
        }),
      );
      assert.deepEqual(foreign, []);
      assert.ok(answered > options.requests / 3, `only ${answered} of ${options.requests} had an answer`);
      await eventually(10_000, 'an answer after the storm', async () => {
        const { status } = await scene.send('GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n');
        return status < 500;
      });
    },
    poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 16 }' }),
  );
  const grown = process.memoryUsage().rss - rssBefore;
  t.diagnostic(
    `${answered} of ${options.requests} answered; memory ${Math.round(grown / 1024 / 1024)} MB more`,
  );
  assert.ok(grown < ALLOWED_GROWTH_BYTES, `${grown} bytes more than before`);
  assert.deepEqual(
    gateway.events.filter(event => event.startsWith('error')),
    [],
  );
}

/** All that comes until the other side ends, or says nothing for a while. */
async function untilQuiet(wire: Wire): Promise<string> {
  let said = '';
  for (;;) {
    const quiet = setTimeout(() => wire.socket.destroy(), PATIENCE_MS);
    try {
      said += (await wire.readSome()).toString('latin1');
    } catch {
      return said;
    } finally {
      clearTimeout(quiet);
    }
    // A whole answer with a length, or the end of chunks: no need to wait for quiet.
    if (/\r\n0\r\n\r\n$/.test(said) || wholeByLength(said)) return said;
  }
}

function wholeByLength(said: string): boolean {
  const end = said.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)\r$/im.exec(said.slice(0, end + 2))?.[1];
  return end !== -1 && length !== undefined && said.length >= end + 4 + Number(length);
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { TestGateway } from './support/gateway.ts';
import { field, readResponse } from './support/message.ts';
import { answer, type Script } from './support/upstream.ts';
import type { Wire } from './support/wire.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const quick: Script = ({ wire }) => void wire.write(answer('ok'));

/** What the answer says of its connection. */
async function connectionOf(client: Wire): Promise<string | undefined> {
  client.write(GET);
  const response = await readResponse(client);
  assert.equal(response.body, 'ok');
  return field(response, 'connection');
}

test('who does not lead any more lets clients go with their next answer, refuses none, and keeps them again when it leads', async () => {
  const gateway = new TestGateway({ workers: 2 });
  await gateway.start();
  try {
    await gateway.serve(quick, async ({ connect }) => {
      const kept = await connect();
      assert.equal(await connectionOf(kept), undefined);
      gateway.setAcceptance('last-answers');
      // Another thread is told: it may be a moment.
      await until('it lets go', async () => (await connectionOf(await connect())) === 'close');
      assert.equal(await untilClosing(kept), 'close');
      await kept.untilEnded();
      gateway.setAcceptance('all');
      await until('it leads', async () => {
        const client = await connect();
        return (await connectionOf(client)) === undefined && (await connectionOf(client)) === undefined;
      });
    });
  } finally {
    await gateway.close();
  }
});

test('who has not led yet serves nobody', async () => {
  const gateway = new TestGateway({ workers: 2 });
  await gateway.start();
  gateway.setAcceptance('none');
  try {
    await gateway.serve(quick, async ({ connect }) => {
      const client = await connect();
      client.write(GET);
      await client.untilEnded();
      await assert.rejects(readResponse(client));
      gateway.setAcceptance('all');
      await until('it leads', async () => {
        const answer = await connectionOf(await connect()).catch(() => 'nobody');
        return answer === undefined || undefined;
      });
    });
  } finally {
    await gateway.close();
  }
});

/** Its worker may be told later than another one. */
async function untilClosing(client: Wire): Promise<string | undefined> {
  return until('the last answer', () => connectionOf(client));
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { readResponse } from './support/message.ts';
import { echo } from './support/upstream.ts';

const gateway = useGateway({ bounds: { maxClientConnections: 2 } });
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

test('a connection over the limit is closed at once; one that ends makes room', () =>
  gateway.serve(echo, async ({ connect }) => {
    const served = [await connect(), await connect()];
    for (const client of served) {
      client.write(GET);
      assert.equal((await readResponse(client)).status, 200);
    }
    const refused = await connect();
    assert.equal(await refused.readToEnd(), '');
    served[0]?.destroy();
    for (;;) {
      const next = await connect();
      next.write(GET);
      const answered = await readResponse(next).catch(() => undefined);
      if (answered !== undefined) break;
    }
  }));

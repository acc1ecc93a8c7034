import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventPosition } from '../../codec/event-position.ts';
import { ChunkPayload } from './chunk-payload.ts';

const WIRE = '6\r\ndata: \r\n3;a=b\r\n1\n\n\r\n0\r\nX-Sum: 1\r\nx-hop: 2\r\nhost: b\r\n\r\n';

test('payload and trailers come out of their chunks, however these are split; what may not trail is left out', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(WIRE.length), { maxLength: 8 }), cuts => {
      const chunks = new ChunkPayload(new EventPosition(), ['x-hop']);
      const at = [...new Set([...cuts, 0, WIRE.length])].sort((a, b) => a - b);
      let payload = '';
      for (const [i, from] of at.slice(0, -1).entries()) {
        payload += chunks.push(Buffer.from(WIRE.slice(from, at[i + 1])))?.toString() ?? '';
        assert.equal(chunks.betweenEvents, payload === '' || payload.endsWith('\n\n'));
      }
      assert.equal(payload, 'data: 1\n\n');
      assert.notEqual(chunks.end, -1);
      assert.deepEqual(chunks.trailers, ['x-sum', '1']);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makesResponse, ResponseIdReader, responseIdIn } from './response-id.ts';

const JSON_ANSWER = JSON.stringify({
  created_at: 1,
  conversation: { id: 'conv_1' },
  id: 'resp_1',
  output: [{ id: 'msg_1', content: [{ text: '{"id":"x"}' }] }],
});
const EVENTS = `event: response.created\r\ndata: ${JSON.stringify({
  response: { object: 'response', id: 'resp_1', output: [{ id: 'msg_1' }] },
  sequence_number: 0,
  type: 'response.created',
})}\r\n\r\ndata: {"type":"response.completed","response":{"id":"resp_1"}}\r\n\r\n`;

test('the id of a response is found in its answer, in whatever pieces that comes', () => {
  for (const answer of [JSON_ANSWER, EVENTS, `: ping\n\n${EVENTS}`, `data: [1]\n\n${EVENTS}`])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), sizes => {
        const reader = new ResponseIdReader();
        const found: string[] = [];
        let at = 0;
        for (let i = 0; at < answer.length; i++) {
          const piece = Buffer.from(answer.slice(at, at + (sizes[i % sizes.length] as number)));
          at += piece.length;
          const id = reader.push(piece, at >= answer.length);
          if (id !== '') found.push(id);
        }
        assert.deepEqual(found, ['resp_1']);
        assert.ok(reader.over);
      }),
    );
});

test('of a stream it is known when its first event is whole, or before', () => {
  const reader = new ResponseIdReader();
  assert.equal(reader.push(Buffer.from(EVENTS.slice(0, EVENTS.indexOf('\r\n\r\n') + 4)), false), 'resp_1');
  const long = new ResponseIdReader();
  const event = `data: {"type":"response.created","response":{"id":"resp_2","instructions":"${'x'.repeat(100_000)}`;
  assert.equal(long.push(Buffer.from(event), false), 'resp_2');
});

test('what has no id, or no end, is looked at only so far', () => {
  const reader = new ResponseIdReader();
  for (let i = 0; i < 1000; i++) assert.equal(reader.push(Buffer.from('{"a":['.repeat(100)), false), '');
  assert.ok(reader.over);
  for (const body of ['', 'no JSON', '{"id":7}', '[{"id":"x"}]', '{"id":"x', 'data: {"error":{}}\n\n'])
    assert.equal(new ResponseIdReader().push(Buffer.from(body), true), '', body);
});

test('paths of responses', () => {
  assert.equal(responseIdIn('/v1/responses/resp_1'), 'resp_1');
  assert.equal(responseIdIn('/openai/v1/responses/resp_1/cancel'), 'resp_1');
  assert.equal(responseIdIn('/v1/responses/resp_1/input_items'), 'resp_1');
  for (const path of [
    '/v1/responses',
    '/v1/responses/',
    '/v1/chat/completions',
    `/v1/responses/${'x'.repeat(300)}`,
  ])
    assert.equal(responseIdIn(path), '', path);
  assert.ok(makesResponse('POST', '/v1/responses'));
  assert.ok(!makesResponse('GET', '/v1/responses'));
  assert.ok(!makesResponse('POST', '/v1/responses/resp_1/cancel'));
});

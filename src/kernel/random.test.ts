import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, random, seededRandom, useRandom } from './random.ts';

test('chance from a seed gives the same numbers and the same names again', () => {
  const drawn = () => {
    const end = useRandom(seededRandom(7));
    const values = [random(), newId(), random(), newId()];
    end();
    return values;
  };
  assert.deepEqual(drawn(), drawn());
  assert.notEqual(newId(), newId());
});

test('a name is a UUID, whichever chance it is of (RFC 9562 section 5.4)', () => {
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(newId(), UUID);
  const end = useRandom(seededRandom(1));
  for (let i = 0; i < 100; i++) assert.match(newId(), UUID);
  end();
});

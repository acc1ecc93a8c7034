import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_HEADER_MUTATION, type Pool } from '../../plan/index.ts';
import type { Decision } from '../../request/index.ts';
import { BodyBytes } from './body-bytes.ts';
import { chosenElsewhere, chosenHere } from './chosen.ts';

const pool = (failureMode: Pool['failureMode']): Pool => ({
  name: 'default/p',
  source: { kind: 'InferencePool', namespace: 'default', name: 'p' },
  endpoints: [],
  models: [],
  failureMode,
});
const HEAD = { target: '/v1/chat/completions', headers: [] };
const decision = (): Decision => ({ requestId: 'r', atMs: 0, verdict: 'pending', candidates: [] });
const asking = () => new BodyBytes([Buffer.from('{"model":"m"}')]);
const failed = { kind: 'failed', failure: 'unavailable', detail: 'refused' } as const;

test('what is asked for is noted in the decision', () => {
  const noted = decision();
  const chosen = chosenHere(pool('FailClose'), asking(), HEAD, noted);
  assert.equal(chosen.kind, 'send');
  assert.deepEqual([noted.model, noted.targetModel, noted.criticality], ['m', 'm', 'Sheddable']);
});

test('without a pool, or without a body that was kept, the request goes on as it is', () => {
  const body = asking();
  const plain = chosenHere(undefined, body, HEAD, decision());
  assert.ok(plain.kind === 'send' && plain.body === body);
  const streamed = chosenHere(pool('FailClose'), undefined, HEAD, decision());
  assert.ok(streamed.kind === 'send' && streamed.body === undefined);
});

test('a body that a pool cannot read, and cannot do without, is declined, with a reason', () => {
  const source = { kind: 'InferenceModel', namespace: 'default', name: 'm' };
  const targetModels = [{ name: 'm-v2', weight: 1 }];
  const models = [{ source, modelName: 'm', criticality: 'Critical', targetModels }] as const;
  const chosen = chosenHere(
    { ...pool('FailClose'), models },
    new BodyBytes([Buffer.from('nonsense')]),
    HEAD,
    decision(),
  );
  assert.ok(chosen.kind === 'declined' && chosen.reply.status === 400 && chosen.reason !== '');
});

test('an external picker may place the request and change it', () => {
  const noted = decision();
  const headers = { ...NO_HEADER_MUTATION, remove: ['x-a'] };
  const refused = { outside: [], malformed: [] };
  const body = asking();
  const kept = chosenElsewhere(
    { kind: 'placed', indexes: [1, 0], headers, body: undefined, refused },
    pool('FailClose'),
    body,
    HEAD,
    noted,
  );
  assert.ok(kept.kind === 'send' && kept.body === body && kept.changes === headers);
  assert.deepEqual(kept.choice.placed, [1, 0]);
  assert.equal(noted.reason, 'placed by the external picker');
  const other = Buffer.from('{}');
  const changed = chosenElsewhere(
    { kind: 'placed', indexes: [0], headers, body: other, refused },
    pool('FailClose'),
    body,
    HEAD,
    noted,
  );
  assert.ok(changed.kind === 'send' && changed.body?.bytes === other);
});

test('an external picker that fails: FailClose answers, FailOpen chooses here; both say why', () => {
  const closed = decision();
  const answer = chosenElsewhere(failed, pool('FailClose'), asking(), HEAD, closed);
  assert.ok(answer.kind === 'unplaced' && answer.reply.status === 503);
  const open = decision();
  assert.equal(chosenElsewhere(failed, pool('FailOpen'), asking(), HEAD, open).kind, 'send');
  assert.equal(open.model, 'm');
  for (const { reason } of [closed, open])
    assert.equal(reason, 'the external picker failed: unavailable: refused');
});

test('a request that names an InferenceObjective of the pool has its criticality', () => {
  const of: Pool = { ...pool('FailClose'), objectives: { urgent: 'Critical' } };
  const criticality = (...headers: string[]) => {
    const noted = decision();
    chosenHere(of, asking(), { ...HEAD, headers }, noted);
    return noted.criticality;
  };
  const without = criticality('accept', 'x-gateway-inference-objective');
  assert.equal(without, 'Sheddable');
  assert.equal(criticality('accept', '*/*', 'x-gateway-inference-objective', 'urgent'), 'Critical');
  assert.equal(criticality('x-gateway-inference-objective', 'other'), without);
});

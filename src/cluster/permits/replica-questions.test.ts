import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaQuestions } from './replica-questions.ts';

/** A replica whose own token is `own`, at 10 s on its clock. */
function replica({ room = true, established = true, mayTake = false, isLost = false, lostAtMs = -Infinity }) {
  const alive: string[] = [];
  const questions = new ReplicaQuestions({
    session: { token: 'own', established },
    view: {
      replicaOf: () => undefined,
      isLost: () => isLost,
      lostAtMs: () => lostAtMs,
      confirmAlive: (token: string) => alive.push(token) > 0,
    },
    peers: { asked: () => room },
    fences: { mayTake: () => mayTake },
  });
  return { ask: (url: string) => questions.answer(url, 10_000), alive };
}

test('a replica says that it lives to whom it can remember, by the token of this life alone', () => {
  const lives = '/permits/lives?token=own&as=b&from=10.0.0.2:8081';
  assert.equal(replica({}).ask(lives), 200);
  assert.equal(replica({ room: false }).ask(lives), 503);
  assert.equal(replica({ established: false }).ask(lives), 404);
  assert.equal(replica({}).ask('/permits/lives?token=older'), 404);
});

test('one that says that it lives is believed, unless its Lease is being taken from it or is gone', () => {
  const lives = '/permits/heard?token=b&age=100';
  const { ask, alive } = replica({});
  assert.equal(ask(lives), 200);
  assert.deepEqual(alive, ['b']);
  for (const taken of [{ mayTake: true }, { isLost: true }]) {
    const other = replica(taken);
    assert.equal(other.ask(lives), 409);
    assert.deepEqual(other.alive, []);
  }
});

test('one that lost a pool is believed when it has seen that since, with the time that the question took', () => {
  const lost = { lostAtMs: 9_000 };
  assert.equal(replica(lost).ask('/permits/heard?token=b&age=299'), 200);
  assert.equal(replica(lost).ask('/permits/heard?token=b&age=300'), 409);
  assert.equal(replica(lost).ask('/permits/heard?token=b'), 409);
});

test('other paths are not there', () => {
  assert.equal(replica({}).ask('/permits/other?token=own'), 404);
});

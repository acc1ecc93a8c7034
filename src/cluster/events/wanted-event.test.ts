import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventName, eventNamespace, eventObject, seriesPatch, type WantedEvent } from './wanted-event.ts';

const EVENT: WantedEvent = {
  regarding: { apiVersion: 'g/v1', kind: 'GatewayClass', namespace: '', name: 'x'.repeat(253) },
  type: 'Warning',
  reason: 'Refused',
  action: 'Program',
  note: `${'ä'.repeat(600)}`,
};

test('names and texts are as long as an API server takes, and cut between characters', () => {
  const object = eventObject(EVENT, { controller: 'a.example/b', instance: 'pod' }, 0) as { note: string };
  assert.ok(eventName(EVENT).length <= 253);
  assert.ok(Buffer.byteLength(object.note) <= 1024 && object.note.length > 500);
  assert.match(object.note, /^ä+…$/);
});

test('the name says which event it is: another note is another', () => {
  assert.equal(eventName(EVENT), eventName({ ...EVENT }));
  assert.notEqual(eventName(EVENT), eventName({ ...EVENT, note: 'else' }));
  assert.equal(eventNamespace(EVENT), 'default');
});

test('what a tenant has written is printed by no terminal as more than text', () => {
  const note = 'model "m\u001b]0;owned\u0007\u009b2J\u202egnp.exe\rx\u0000"\n模型 ü';
  const object = eventObject({ ...EVENT, note }, { controller: 'a.example/b', instance: 'pod' }, 0);
  assert.equal(
    (object as { note: string }).note,
    'model "m\\u001b]0;owned\\u0007\\u009b2J\\u202egnp.exe\\u000dx\\u0000"\n模型 ü',
  );
  const long = { ...EVENT, note: '\u0007'.repeat(1000) };
  const { note: cut } = eventObject(long, { controller: 'a.example/b', instance: 'pod' }, 0) as {
    note: string;
  };
  assert.ok(Buffer.byteLength(cut) <= 1024);
});

test('a series counts from 2', () => {
  assert.deepEqual(seriesPatch(1, 0), {
    series: { count: 2, lastObservedTime: '1970-01-01T00:00:00.000000Z' },
  });
});

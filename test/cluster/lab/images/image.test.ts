import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandOf } from './image.ts';
import { repositoryOf } from './repository.ts';

test("a container's command and arguments take the place of its image's", () => {
  const image = { entrypoint: ['entry'], arguments: ['usual'] };
  assert.deepEqual(commandOf(image, undefined, undefined), ['entry', 'usual']);
  assert.deepEqual(commandOf(image, undefined, ['own']), ['entry', 'own']);
  assert.deepEqual(commandOf(image, ['command'], undefined), ['command']);
  assert.deepEqual(commandOf(image, ['command'], ['own']), ['command', 'own']);
  assert.deepEqual(commandOf({}, [], []), []);
  assert.deepEqual(commandOf({ ...image, wrapper: ['run'] }, undefined, ['own']), ['run', 'entry', 'own']);
});

test('the repository of an image', () => {
  for (const [image, expected] of [
    ['nginx', 'nginx'],
    ['docker.io/envoyproxy/envoy:distroless-v1.36.2', 'docker.io/envoyproxy/envoy'],
    ['localhost:5000/a/b', 'localhost:5000/a/b'],
    ['localhost:5000/a/b:1@sha256:00', 'localhost:5000/a/b'],
  ] as const)
    assert.equal(repositoryOf(image), expected);
});

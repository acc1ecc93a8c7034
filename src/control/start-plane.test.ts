import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSocketFolder } from '../envoy/process/socket-folder.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { startFailure } from './start-plane.ts';

test('where no folder for sockets can be made, the advice is about TMPDIR, not to get an Envoy', () => {
  const long = `/tmp/${'x'.repeat(120)}`;
  assert.throws(
    () => {
      try {
        makeSocketFolder([long]);
      } catch (cause) {
        throw startFailure(cause as Error);
      }
    },
    error => {
      assert.ok(error instanceof BreakwaterError);
      assert.equal(error.code, 'BW_NO_SOCKET_FOLDER');
      assert.ok(error.message.includes(long));
      assert.match(error.action, /TMPDIR/);
      return true;
    },
  );
});

test('another failure of a start stays what it is', () => {
  const cause = new Error('no room');
  assert.equal(startFailure(cause), cause);
});

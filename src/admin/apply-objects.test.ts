import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OverlaySource } from '../source/index.ts';
import { applyObjects } from './apply-objects.ts';

/** Takes nothing, as nothing here is valid. */
const source = { apply: () => [] } as unknown as OverlaySource;

test('an object of a kind that is not known is refused with the reason', () => {
  for (const apiVersion of ['example.com/v1', 'gateway.networking.k8s.io/v1']) {
    const [applied] = applyObjects(source, [{ apiVersion, kind: 'Nonsense', metadata: { name: 'x' } }]);
    assert.equal(applied?.result.outcome, 'invalid');
    assert.match(
      applied?.result.message ?? '',
      /^The Nonsense "x" is invalid: no matches for kind "Nonsense" in version "[^"]+"/,
    );
  }
});

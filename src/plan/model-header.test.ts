import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Listener } from './listener.ts';
import { modelHeadersOf } from './model-header.ts';
import { NO_HEADER_MUTATION, type Route } from './route.ts';

function listener(...headers: readonly string[]): Listener {
  const routes = headers.map(
    (name): Route => ({
      name,
      source: { kind: 'HTTPRoute', namespace: 'default', name },
      ruleIndex: 0,
      match: {
        path: { type: 'PathPrefix', value: '/' },
        headers: [{ type: 'Exact', name, value: 'm' }],
        queryParams: [],
      },
      requestHeaders: NO_HEADER_MUTATION,
      responseHeaders: NO_HEADER_MUTATION,
      mirrors: [],
      action: { kind: 'direct', status: 200, body: '', reason: '' },
      timeouts: {},
    }),
  );
  return { name: 'main', certificates: [], virtualHosts: [{ domain: '*', routes }] };
}

test('the headers that say the model, as far as routes match on them, each once and in order', () => {
  assert.deepEqual(
    modelHeadersOf([listener('x-tenant', 'x-gateway-model-name'), listener('x-ai-eg-model')]),
    ['x-ai-eg-model', 'x-gateway-model-name'],
  );
  assert.deepEqual(modelHeadersOf([listener('x-ai-eg-model', 'x-ai-eg-model')]), ['x-ai-eg-model']);
});

test('none where no route matches on them', () =>
  assert.deepEqual(modelHeadersOf([listener('x-tenant'), listener()]), []));

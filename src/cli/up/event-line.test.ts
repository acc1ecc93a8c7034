import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuntimeEvent } from '../../control/event-log.ts';
import { eventLine } from './event-line.ts';

const finding = {
  severity: 'error',
  code: 'x',
  message: 'spec.port: Required value',
  place: { file: 'a.yaml', line: 3, column: 5 },
} as const;

for (const [event, quiet] of [
  [{ type: 'plan-applied', version: 'v1', changes: [] }, undefined],
  [
    { type: 'plan-applied', version: 'v1', changes: ['HTTPRoute default/a changed'] },
    'applied: HTTPRoute default/a changed',
  ],
  [
    { type: 'plan-applied', version: 'v1', changes: ['1', '2', '3', '4', '5', '6', '7'] },
    'applied: 1, 2, 3, 4, 5 and 2 more',
  ],
  [{ type: 'finding', finding }, 'a.yaml:3:5: error: spec.port: Required value'],
  [{ type: 'mended', finding }, undefined],
  [
    {
      type: 'overflow',
      scope: 'httproute/default/a/rule/0',
      limit: 'maxParallelRequests',
      refused: 1,
      threshold: 1,
    },
    'overflow: maxParallelRequests 1 of httproute/default/a/rule/0 refused 1 request',
  ],
  [
    {
      type: 'overflow',
      scope: 'httproute/default/a/rule/0',
      limit: 'maxConnections',
      refused: 42,
      threshold: 9,
    },
    'overflow: all connections of httproute/default/a/rule/0 are in use, requests wait for one',
  ],
  [
    {
      type: 'listener-moved',
      server: 'default/g/80',
      reason: 'port 80 on 127.0.0.1 is taken by another program',
      bound: '127.0.0.1:10080',
    },
    'default/g/80: port 80 on 127.0.0.1 is taken by another program; listening on 127.0.0.1:10080 instead',
  ],
  [{ type: 'notice', severity: 'warning', message: 'endpoint cools' }, 'warning: endpoint cools'],
] as const satisfies readonly (readonly [RuntimeEvent, string | undefined])[])
  test(`${event.type} reads ${quiet ?? 'nothing'}`, () => {
    const line = eventLine({ atMs: new Date(2026, 0, 1, 9, 8, 7).getTime(), ...event } as never, false);
    assert.equal(line, quiet === undefined ? undefined : `09:08:07 ${quiet}`);
  });

test('-v prints what is left out', () => {
  assert.match(eventLine({ atMs: 0, type: 'mended', finding }, true) ?? '', /mended: a\.yaml:3:5/);
  assert.match(
    eventLine({ atMs: 0, type: 'plan-applied', version: 'v1', changes: [] }, true) ?? '',
    /plan v1/,
  );
});

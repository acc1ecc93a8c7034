import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayReport } from './gateway-report.ts';
import { MAX_REPORT_BYTES, readReports, reportText } from './report-text.ts';

const good: GatewayReport = { version: '0123456789abcdef', connected: 3, taken: 2, served: true };
const bad: GatewayReport = { ...good, served: false, taken: 0, refusal: 'Envoy “a” says: no' };

test('what is told is read again; Gateways without Envoys are not worth a word', () => {
  const reports = new Map([
    ['default/one', good],
    ['default/two', bad],
    ['default/none', { ...good, connected: 0 }],
  ]);
  const text = reportText(reports);
  assert.deepEqual(
    [...readReports(text)],
    [
      ['default/one', good],
      ['default/two', bad],
    ],
  );
  assert.equal(reportText(new Map()), '{}');
});

test('what is not so is nothing', () => {
  for (const text of ['', 'x', '1', 'null', '[]', '{"a":1}', '{"a":["v"]}', '{"a":{"version":"v"}}'])
    assert.equal(readReports(text).size, 0, text);
  assert.equal(readReports('{"a":1,"b":["v",1,0,1,"no"]}').get('b')?.refusal, 'no');
  // Another version may say more.
  assert.equal(readReports('{"a":["v",1,0,1,7,8]}').get('a')?.connected, 1);
});

test('200 Gateways in trouble are a small object', () => {
  const reports = new Map(
    Array.from({ length: 200 }, (_, index) => [
      `namespace-${index}/gateway`,
      { ...bad, refusal: 'x'.repeat(200) },
    ]),
  );
  const text = reportText(reports);
  assert.equal(readReports(text).size, 200);
  assert.ok(Buffer.byteLength(text) < MAX_REPORT_BYTES / 2, String(Buffer.byteLength(text)));
});

test('what is too much is cut: words first, then those without trouble', () => {
  const reports = new Map([
    ['a', good],
    ...Array.from(
      { length: 10 },
      (_, index) => [`b${index}`, { ...bad, refusal: '…'.repeat(1_000) }] as const,
    ),
    ['c', good],
  ]);
  const text = reportText(reports, 10_000);
  assert.ok(Buffer.byteLength(text) <= 10_000);
  assert.equal(readReports(text).size, 12);
  assert.equal(readReports(text).get('b0')?.refusal?.length, 100);
  const fewer = readReports(reportText(reports, Buffer.byteLength(text) - 1));
  assert.deepEqual([fewer.size, fewer.has('a'), fewer.has('c')], [11, true, false]);
  for (let bytes = 0; bytes < 5_000; bytes += 37)
    assert.ok(Buffer.byteLength(reportText(reports, bytes)) <= Math.max(2, bytes), String(bytes));
});
